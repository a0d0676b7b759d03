// Each test loads the model and some read the console: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
