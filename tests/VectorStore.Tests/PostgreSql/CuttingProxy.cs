using System.Net;
using System.Net.Sockets;

namespace Polymodal.VectorStore.Tests.PostgreSql;

/// <summary>Stands between a client and a server, and cuts connections as a restart does.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _open = [];
    private long _bytesLeft = long.MaxValue;

    public CuttingProxy(string host, int port)
    {
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var server = new TcpClient();
                try
                {
                    await server.ConnectAsync(host, port, _stop.Token);
                }
                catch (SocketException)
                {
                    client.Close(); // as a server that is not there
                    continue;
                }

                lock (_open)
                    _open.AddRange([client, server]);
                Connections++;
                _ = PumpAsync(client, server, counts: true);
                _ = PumpAsync(server, client, counts: false);
            }
        });
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections made so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Is called before <see cref="CutAfter"/> cuts.</summary>
    public Action? BeforeCut { get; set; }

    /// <summary>Cuts all connections now.</summary>
    public void Cut()
    {
        lock (_open)
        {
            _open.ForEach(client => client.Close());
            _open.Clear();
        }
    }

    /// <summary>Cuts all connections when the client has sent so many more bytes.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _bytesLeft, bytes);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        Cut();
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool counts)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            for (int read; (read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0;)
            {
                if (counts && Interlocked.Add(ref _bytesLeft, -read) < 0)
                {
                    Interlocked.Exchange(ref _bytesLeft, long.MaxValue);
                    BeforeCut?.Invoke();
                    Cut();
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // cut
        }

        from.Close();
        to.Close();
    }
}
