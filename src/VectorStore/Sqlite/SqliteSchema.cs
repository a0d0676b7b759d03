namespace Polymodal.VectorStore.Sqlite;

/// <summary>The tables, and how a file says that it is ours and which version of them it holds.</summary>
internal static class SqliteSchema
{
    /// <summary>"PMVS" in the file's header, so that no other program's database is taken for ours.</summary>
    public const int ApplicationId = 0x504D5653;

    /// <summary>
    /// Script i brings a file from version i to i + 1; PRAGMA user_version holds the version. A script that was released is never edited.
    /// <para>
    /// A record's key only ever grows (AUTOINCREMENT), and replacing a record gives it a new key: whoever knows all records up to a key finds
    /// what was added since by reading the later ones, and what was removed by reading the later rows of <c>gone</c>. <c>changes</c> counts a
    /// collection's writes and tells readers, in this process or another, whether there is anything to look for; a change of <c>epoch</c>
    /// tells them to begin anew, because rows of <c>gone</c> were dropped. The checksums notice damage that leaves SQLite's own structures whole.
    /// </para>
    /// <para>
    /// What <c>record</c> says is the truth. <c>code</c> (packed codes for the scan), <c>field</c> (the payload, to find records by), <c>slot</c>
    /// and the table <c>words_N</c> (full text of collection N) are made from it and can be made again. <c>damaged</c> keeps what a repair could not read.
    /// </para>
    /// </summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE collection (
            key         INTEGER PRIMARY KEY AUTOINCREMENT,
            name        TEXT    NOT NULL,
            space_id    TEXT    NOT NULL,
            dimensions  INTEGER NOT NULL,
            metric      TEXT    NOT NULL,
            fingerprint TEXT,
            checksum    INTEGER NOT NULL, -- CRC-32C of the columns before it
            changes     INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX collection_name ON collection (name);
        CREATE TABLE record (
            key              INTEGER PRIMARY KEY AUTOINCREMENT,
            collection       INTEGER NOT NULL REFERENCES collection (key) ON DELETE CASCADE,
            id               TEXT    NOT NULL,
            vector           BLOB    NOT NULL, -- little-endian float32
            vector_checksum  INTEGER NOT NULL, -- CRC-32C of id and vector
            text             TEXT,
            payload          TEXT    NOT NULL, -- JSON object of strings
            content_checksum INTEGER NOT NULL, -- CRC-32C of id, text and payload
            UNIQUE (collection, id)
        ) STRICT;
        """,
        """
        DROP INDEX collection_name;
        ALTER TABLE collection RENAME TO collection_1;
        ALTER TABLE record RENAME TO record_1;
        CREATE TABLE collection (
            key         INTEGER PRIMARY KEY AUTOINCREMENT,
            name        TEXT    NOT NULL,
            definition  TEXT    NOT NULL, -- JSON
            checksum    INTEGER NOT NULL, -- CRC-32C of name and definition
            changes     INTEGER NOT NULL DEFAULT 0,
            epoch       INTEGER NOT NULL DEFAULT 0,
            records     INTEGER NOT NULL DEFAULT 0,
            gone        INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX collection_name ON collection (name);
        CREATE TABLE slot (
            collection  INTEGER NOT NULL,
            number      INTEGER NOT NULL,
            vectors     INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (collection, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE record (
            key              INTEGER PRIMARY KEY AUTOINCREMENT,
            collection       INTEGER NOT NULL,
            id               ANY     NOT NULL, -- a number, a text, or a GUID as 16 bytes
            vector           BLOB    NOT NULL, -- little-endian float32, all vectors of the definition in its order; NaN for those that the record lacks
            vector_checksum  INTEGER NOT NULL, -- CRC-32C of id and vector
            text             TEXT,
            payload          TEXT    NOT NULL, -- JSON object
            content_checksum INTEGER NOT NULL, -- CRC-32C of id, text and payload
            UNIQUE (collection, id)
        ) STRICT;
        CREATE TABLE code (
            key         INTEGER PRIMARY KEY,
            collection  INTEGER NOT NULL,
            slot        INTEGER NOT NULL,
            last_record INTEGER NOT NULL,
            rows        INTEGER NOT NULL,
            data        BLOB    NOT NULL,
            checksum    INTEGER NOT NULL, -- CRC-32C of data
            UNIQUE (collection, slot, last_record)
        ) STRICT;
        CREATE TABLE gone (
            number      INTEGER PRIMARY KEY AUTOINCREMENT,
            collection  INTEGER NOT NULL,
            record      INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE field (
            collection  INTEGER NOT NULL,
            name        TEXT    NOT NULL,
            value       ANY     NOT NULL,
            record      INTEGER NOT NULL,
            PRIMARY KEY (collection, name, value, record)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE damaged (
            record      INTEGER PRIMARY KEY,
            collection  INTEGER NOT NULL,
            id          ANY,
            vector      ANY,
            text        ANY,
            payload     ANY,
            found       TEXT    NOT NULL
        ) STRICT;
        """,
    ];

    /// <summary>The version this program reads and writes.</summary>
    public static int Version => Migrations.Length;

    /// <summary>The version a file holds; 0 for a new one.</summary>
    /// <param name="session">An open connection.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="VectorStoreException">The file belongs to another program or to a newer version of this one.</exception>
    public static int VersionOf(SqliteSession session, string path)
    {
        // The application id is read last: another process may be creating the tables just now, and what was read before its commit then counts as of a new file.
        long tables = session.Scalar("SELECT count(*) FROM sqlite_schema"), version = session.Scalar("PRAGMA user_version"), application = session.Scalar("PRAGMA application_id");
        if (application != ApplicationId)
        {
            if (application == 0 && version == 0 && tables == 0)
                return 0;
            throw new VectorStoreException($"'{path}' is a SQLite database of another program (application id 0x{application:X8}). It was left as it is; choose another file.");
        }

        if (version > Version)
        {
            throw new VectorStoreException(
                $"'{path}' was written by a newer version of this program: it has format {version}, known are formats up to {Version}. It was left as it is; update the program, or choose another file.");
        }

        return (int)version;
    }

    /// <summary>Brings a file to the present version, inside the transaction of the caller.</summary>
    /// <param name="session">A connection within a write transaction.</param>
    /// <param name="from">The version it holds.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="cancellationToken">Ends the work; the caller then undoes it.</param>
    public static void Migrate(SqliteSession session, int from, string path, CancellationToken cancellationToken)
    {
        foreach (string script in Migrations.AsSpan(from))
            session.Script(script);
        if (from < 2)
            SqliteFormat1.Move(session, path, cancellationToken);
        session.Script($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
    }
}
