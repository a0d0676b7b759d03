namespace Polymodal.Multimodal;

/// <summary>Queries of everyday kinds, for calibrating where a user has none of his own.</summary>
/// <remarks>Own queries are better: a sample of what was asked, without what the collection answers.</remarks>
public static class BackgroundQueries
{
    private const string Questions =
        """
        how do I renew my passport
        who painted the ceiling of that chapel in Rome
        what is the fastest way to learn Spanish
        how many players are in a handball team
        when was the printing press invented
        what does a notary do
        why is my internet connection so slow
        how tall is the Eiffel tower
        which vaccines do I need for Kenya
        how do I tie a tie
        what is the difference between a crocodile and an alligator
        who won the world cup in 1998
        how do I get rid of ants
        what is a good name for a hamster
        can I return shoes after wearing them
        how do I write a cover letter
        what is the population of Brazil
        why do leaves turn red in October
        how long does a visa application take
        is it legal to fly a drone over a park
        what is the boiling point of nitrogen
        who is the patron saint of sailors
        how do I unclog a kitchen sink
        which bus goes to the airport
        how do magnets work
        what should I wear to a job interview
        how do I block a phone number
        what is the longest river in Asia
        when do children learn to read
        how do I cancel my gym membership
        does the pharmacy open on Sunday
        how do I fold a fitted sheet
        what were the causes of the French revolution
        why do we shake hands
        how much paint do I need for one room
        what does the red light on my printer mean
        how do I recover a deleted file
        where can I park near the stadium
        who was the first woman to win a Nobel prize
        how do I remove a sticker from glass
        what happened at the board meeting
        how many people signed the petition
        when is my dentist appointment
        what did the manager say about the budget
        is the swimming pool heated
        """;

    private const string Phrases =
        """
        cheap hotels in Lisbon
        contract for renting an office
        symptoms of a vitamin deficiency
        rules of table tennis
        history of the Ottoman empire
        used cars for less than five thousand euros
        haircuts for curly hair
        population growth of cities
        proof that there are infinitely many primes
        opening hours of the town hall
        cast of a television series
        poems about winter
        instructions for a washing machine
        minutes of the last meeting
        legal age for voting
        parts of a cell
        recipe for lentil soup
        wedding speech for a sister
        schedule of the football league
        how a bill becomes law
        list of Roman emperors
        meaning of a wolf tattoo
        knitting pattern for a scarf
        exercises against back pain
        biography of a jazz singer
        tax return of a student
        crossword clue with seven letters
        translation of a birth certificate
        customer complaint about a late delivery
        interview with the mayor
        birthday party at the office
        news about the election
        message for my landlord
        directions to the museum
        call me back as soon as you can
        announcement of a platform change
        a joke about lawyers
        lecture on medieval trade
        complaint about noise at night
        order for two pizzas
        please send the invoice again
        set an alarm for six
        play some quiet songs
        turn the volume down
        the meeting was moved to Friday
        """;

    /// <summary>90 English queries: questions, keywords and requests. Written for this project; none belongs to a collection that its tests search.</summary>
    public static IReadOnlyList<string> English { get; } = [.. $"{Questions}\n{Phrases}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
