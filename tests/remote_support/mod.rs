//! A small HTTP server on the loopback, which serves what a test tells it to, well or badly, and
//! remembers what it was asked for; and gsae run against it.
#![allow(dead_code)]

use assert_cmd::cargo::cargo_bin_cmd;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query; the whole address if the server is used as a proxy.
    pub target: String,
    /// Headers by their lower-case names.
    pub headers: HashMap<String, String>,
    /// How many requests for this target there were before.
    pub before: usize,
}

impl Request {
    /// The first byte that is asked for.
    pub fn range_start(&self) -> Option<usize> {
        let range = self.headers.get("range")?.strip_prefix("bytes=")?;
        range.strip_suffix('-')?.parse().ok()
    }
}

/// An answer, good or bad.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// `Content-Length`, if it is not the body's; `None` leaves it out.
    length: Option<u64>,
    /// The connection closes after so many bytes of the body.
    cut: Option<usize>,
    /// The body comes in pieces of so many bytes with a pause before each.
    pace: Option<(usize, Duration)>,
    /// The body is repeated until the client has enough.
    endless: bool,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            length: Some(0),
            cut: None,
            pace: None,
            endless: false,
        }
    }

    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self {
            length: Some(body.len() as u64),
            body,
            ..Self::status(200)
        }
    }

    /// The whole, or what is left of it if the request asks for that of this version.
    pub fn ranged(body: &[u8], etag: &str, request: &Request) -> Self {
        let whole = || Self::body(body).header("ETag", etag);
        let same = request
            .headers
            .get("if-range")
            .is_none_or(|tag| tag == etag);
        match request.range_start() {
            Some(start) if same && start < body.len() => {
                let range = format!("bytes {start}-{}/{}", body.len() - 1, body.len());
                let mut reply = Self::body(&body[start..])
                    .header("ETag", etag)
                    .header("Content-Range", &range);
                reply.status = 206;
                reply
            }
            _ => whole(),
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn length(mut self, length: Option<u64>) -> Self {
        self.length = length;
        self
    }

    pub fn cut(mut self, after: usize) -> Self {
        self.cut = Some(after);
        self
    }

    pub fn pace(mut self, bytes: usize, pause: Duration) -> Self {
        self.pace = Some((bytes, pause));
        self
    }

    pub fn endless(mut self) -> Self {
        (self.endless, self.length) = (true, None);
        self
    }

    fn send(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        write!(
            stream,
            "HTTP/1.1 {} Status\r\nConnection: close\r\n",
            self.status
        )?;
        if let Some(length) = self.length {
            write!(stream, "Content-Length: {length}\r\n")?;
        }
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        write!(stream, "\r\n")?;
        let body = &self.body[..self.cut.unwrap_or(self.body.len())];
        loop {
            match self.pace {
                None => stream.write_all(body)?,
                Some((bytes, pause)) => {
                    for piece in body.chunks(bytes) {
                        std::thread::sleep(pause);
                        stream.write_all(piece)?;
                        stream.flush()?;
                    }
                }
            }
            if !self.endless {
                return stream.flush();
            }
        }
    }
}

/// The server; its threads end with the test's process.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let log: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (answer, shared) = (Arc::new(answer), Arc::clone(&log));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&shared));
                std::thread::spawn(move || serve(stream, answer.as_ref(), &log));
            }
        });
        Self { base, log }
    }

    /// Files by path; anything else is not found.
    pub fn files(files: Vec<(&str, Vec<u8>)>) -> Self {
        let files: HashMap<String, Vec<u8>> = files
            .into_iter()
            .map(|(path, body)| (path.to_owned(), body))
            .collect();
        Self::start(move |request| match files.get(&request.target) {
            Some(body) => Reply::body(body.clone()),
            None => Reply::status(404),
        })
    }

    pub fn requests(&self) -> Vec<Request> {
        self.log.lock().expect("the log").clone()
    }

    /// The targets asked for, in order.
    pub fn targets(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|request| request.target).collect()
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&Request) -> Reply, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
    }
    let request = {
        let mut log = log.lock().expect("the log");
        let before = log.iter().filter(|other| other.target == target).count();
        let request = Request {
            target,
            headers,
            before,
        };
        log.push(request.clone());
        request
    };
    // A client that has enough closes the connection.
    let _ = answer(&request).send(&mut stream);
}

/// What a run of gsae gave.
pub struct Run {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Standard output of a run that has to succeed.
    pub fn ok(self) -> String {
        assert!(self.success, "{}", self.stderr);
        self.stdout
    }

    /// Standard error of a run that has to fail.
    pub fn error(self) -> String {
        assert!(!self.success, "{}", self.stdout);
        let error = self.stderr;
        assert!(!error.contains("panicked"), "{error}");
        error[error.find("error: ").expect("a message")..].to_owned()
    }
}

/// Runs gsae with a cache of its own and nothing of this process's proxies.
pub fn gsae(cache: &Path, arguments: &[&str]) -> Run {
    gsae_with(cache, &[], arguments)
}

pub fn gsae_with(cache: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = cargo_bin_cmd!("gsae");
    command
        .env("GSAE_CACHE_DIR", cache)
        .env_remove("GSAE_OFFLINE");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.envs(environment.iter().copied());
    let output = command.args(arguments).output().expect("gsae starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Run {
        success: output.status.success(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// `gsae genesets fetch NAME --base-url SERVER ...`.
pub fn fetch(cache: &Path, server: &Server, name: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["genesets", "fetch", name, "--base-url", &server.base];
    arguments.extend(more);
    gsae(cache, &arguments)
}

/// A zip archive of these files.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in files {
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(content).expect("its content");
    }
    writer.finish().expect("the archive").into_inner()
}

pub fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("gzip");
    encoder.finish().expect("gzip")
}
