using System.Text;
using Polymodal.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CliApplication.RunAsync(args, new CliConsole(Console.In, Console.Out, Console.Error, !Console.IsErrorRedirected)).ConfigureAwait(false);
