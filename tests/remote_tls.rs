//! Fetching over https with the cryptography that gsae ships: from a server on the loopback whose
//! certificate a test authority signed, and not from one that nobody vouches for.
#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]

mod remote_support;

use remote_support::gsae_with;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

const GMT: &str = "HALLMARK_A\tna\tTP53\tMYC\n";

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/tls")
        .join(name)
}

/// A server that answers every request with the gene sets; its port.
fn server(versions: &[&'static rustls::SupportedProtocolVersion]) -> u16 {
    let certificate = CertificateDer::from_pem_file(data("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(data("server.key.pem")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key that fits");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut reader = BufReader::new(StreamOwned::new(connection, stream));
            let mut line = String::new();
            // A client that refuses the certificate closes the connection.
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                line.clear();
            }
            let length = GMT.len();
            let _ = write!(
                reader.get_mut(),
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{GMT}"
            );
            let _ = reader.get_mut().flush();
            reader.get_mut().conn.send_close_notify();
            let _ = reader.get_mut().flush();
        }
    });
    port
}

#[test]
fn https_with_a_certificate_that_is_vouched_for_and_with_one_that_is_not() {
    let authority = data("ca.pem");
    let authority = authority.to_string_lossy();
    for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let base = format!("https://localhost:{}", server(versions));
        let cache = tempfile::tempdir().expect("a temporary folder");
        let fetch = [
            "genesets",
            "fetch",
            "msigdb:h@2024.1.Hs",
            "--base-url",
            &base,
            "--retries",
            "0",
        ];
        let run = gsae_with(cache.path(), &[("SSL_CERT_FILE", &authority)], &fetch);
        assert!(run.ok().contains("fetched: 1 gene set, 2 genes"));
        let cache = tempfile::tempdir().expect("a temporary folder");
        let run = gsae_with(cache.path(), &[("SSL_CERT_DIR", "/nowhere")], &fetch);
        let error = run.error();
        assert!(error.contains("certificate"), "{error}");
    }
}
