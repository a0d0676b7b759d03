using Polymodal.Cli;

return await CliApplication.RunAsync(args, StandardStreams.Open()).ConfigureAwait(false);
