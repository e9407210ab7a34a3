//! Connections as they come: counted, heard within a time, with TLS where it is configured.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::either::Either;
use tonic::transport::server::Connected;

use super::tls::{self, Tls};
use crate::rpc::peer::Peer;

/// Connections open at once; a further one is closed at once.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Longest until a new connection has said its first word, or has ended its handshake.
pub const GREETING_MAX: Duration = Duration::from_secs(5);
/// How long nothing is accepted after the system refused to accept, such as without descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections that were greeted and wait for a task of their own.
const GREETED_MAX: usize = 64;

/// A connection that has greeted.
pub struct Connection {
    io: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    peer: Peer,
    /// Its place among [`CONNECTIONS_MAX`], given back at its end.
    _place: OwnedSemaphorePermit,
}

/// Accepts connections until the stream is dropped.
pub fn accept(
    listener: TcpListener,
    tls: Option<Tls>,
) -> impl Stream<Item = io::Result<Connection>> {
    let (greeted, connections) = mpsc::channel(GREETED_MAX);
    tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = greeted.closed() => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    let _ = timeout(ACCEPT_PAUSE, greeted.closed()).await;
                    continue;
                }
            };
            let Ok(place) = places.clone().try_acquire_owned() else { continue };
            let (greeted, tls) = (greeted.clone(), tls.clone());
            tokio::spawn(async move {
                // Silence or a failed handshake is nobody's error but the other end's.
                if let Ok(Ok(connection)) = timeout(GREETING_MAX, greet(stream, tls, place)).await {
                    let _ = greeted.send(Ok(connection)).await;
                }
            });
        }
    });
    ReceiverStream::new(connections)
}

async fn greet(
    stream: TcpStream,
    tls: Option<Tls>,
    place: OwnedSemaphorePermit,
) -> io::Result<Connection> {
    // Without it a reply of several frames waits for the peer's delayed acknowledgement.
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        // Readiness alone may be a false alarm.
        stream.peek(&mut [0]).await?;
        let io = Either::Left(stream);
        return Ok(Connection { io, peer: Peer::default(), _place: place });
    };
    let stream = TlsAcceptor::from(tls.config()).accept(stream).await?;
    let peer = tls::peer(stream.get_ref().1, tls.asks())?;
    Ok(Connection { io: Either::Right(Box::new(stream)), peer, _place: place })
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
