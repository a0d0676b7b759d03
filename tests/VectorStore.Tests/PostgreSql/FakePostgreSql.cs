using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polymodal.VectorStore.Tests.PostgreSql;

/// <summary>A fake PostgreSQL that only fails: it never answers, refuses the password, or answers each statement with an error.</summary>
internal sealed class FakePostgreSql : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    /// <param name="errorAtLogin">The SQLSTATE with which a login is refused; null to take everybody.</param>
    /// <param name="error">SQLSTATE and message of the answer to each statement; null never answers.</param>
    public FakePostgreSql(string? errorAtLogin = null, (string State, string Message)? error = null)
    {
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = Task.Run(() => ServeAsync(client.GetStream(), errorAtLogin, error));
            }
        });
    }

    /// <summary>Host, port and a password that must appear nowhere.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={((IPEndPoint)_listener.LocalEndpoint).Port};Username=me;Password=s3cret;SSL Mode=Disable;Timeout=60;Server Compatibility Mode=NoTypeLoading;Pooling=false";

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private async Task ServeAsync(NetworkStream stream, string? errorAtLogin, (string State, string Message)? error)
    {
        var buffer = new byte[64 * 1024];
        if (errorAtLogin is null && error is null)
        {
            await Task.Delay(Timeout.Infinite, _stop.Token); // alive, and silent
            return;
        }

        await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, _stop.Token);
        if (errorAtLogin is not null)
        {
            await stream.WriteAsync(Message('R', [0, 0, 0, 3]), _stop.Token); // asks for the password
            await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, _stop.Token);
            await stream.WriteAsync(Error(errorAtLogin, "password authentication failed for user \"me\""), _stop.Token);
            return;
        }

        await stream.WriteAsync((byte[])[.. Message('R', [0, 0, 0, 0]), .. Message('S', Encoding.UTF8.GetBytes("server_version" + "\0" + "15.0" + "\0")), .. Message('K', [0, 0, 0, 1, 0, 0, 0, 1]), .. Message('Z', "I"u8.ToArray())], _stop.Token);
        while (await stream.ReadAsync(buffer, _stop.Token) > 0)
            await stream.WriteAsync((byte[])[.. Error(error!.Value.State, error.Value.Message), .. Message('Z', "I"u8.ToArray())], _stop.Token);
    }

    private static byte[] Error(string state, string message) => Message('E', Encoding.UTF8.GetBytes($"SERROR\0VERROR\0C{state}\0M{message}\0\0"));

    private static byte[] Message(char kind, byte[] content)
    {
        var message = new byte[1 + sizeof(int) + content.Length];
        message[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), sizeof(int) + content.Length);
        content.CopyTo(message, 1 + sizeof(int));
        return message;
    }
}
