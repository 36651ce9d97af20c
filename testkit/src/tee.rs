//! Remembers what goes over connections.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test that uses it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A port that passes everything on, both ways, and keeps a copy.
#[derive(Debug)]
pub struct Tee {
    address: SocketAddr,
    target: Arc<Mutex<Option<SocketAddr>>>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Tee {
    /// Opens a port; connections break until it is told where they go.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tee =
            Self { address: listener.local_addr().unwrap(), target: Arc::default(), seen: Arc::default() };
        let (target, seen) = (Arc::clone(&tee.target), Arc::clone(&tee.seen));
        tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else { continue };
                let Some(target) = *target.lock().unwrap() else { continue };
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(target).await else { return };
                    let (near_read, near_write) = near.into_split();
                    let (far_read, far_write) = far.into_split();
                    tokio::join!(
                        pass(near_read, far_write, Arc::clone(&seen)),
                        pass(far_read, near_write, seen)
                    );
                });
            }
        });
        tee
    }

    /// Connections go to `target` from now on.
    pub fn before(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = Some(target);
    }

    /// Where it is reached.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything so far.
    pub fn seen(&self) -> Vec<u8> {
        self.seen.lock().unwrap().clone()
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, seen: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = from.read(&mut buffer).await {
        if count == 0 || to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
        seen.lock().unwrap().extend_from_slice(&buffer[..count]);
    }
    let _ = to.shutdown().await;
}
