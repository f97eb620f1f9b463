//! Servers that fail, cut, lie or attack: what can be mended is, the rest is an error that says
//! what happened, and no half-made file stays in the cache.

mod remote_support;

use gsae::genesets::{CollectionName, GeneSetCache};
use gsae::remote::{FetchOptions, Limits, SilentFetch};
use remote_support::{Reply, Server, fetch, gsae, gsae_with, gzipped, zipped};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::{Duration, Instant};

const NAME: &str = "msigdb:h@2024.1.Hs";
const PATH: &str = "/release/2024.1.Hs/h.all.v2024.1.Hs.symbols.gmt";

/// A GMT of about 100 kB.
fn gmt() -> Vec<u8> {
    let genes: Vec<String> = (0..100).map(|number| format!("GENE{number}")).collect();
    let genes = genes.join("\t");
    let lines = (0..130).map(|number| format!("SET_{number}\tna\t{genes}\n"));
    lines.collect::<String>().into_bytes()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// What lies in the cache: files by name, records of parts and drafts included.
fn files(cache: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![cache.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn is_whole(cache: &Path) {
    let name: CollectionName = NAME.parse().expect("a name");
    let found = GeneSetCache::new(cache).find(&name).expect("in the cache");
    assert_eq!(found.load().expect("gene sets").memberships(), 13_000);
    let digest = Sha256::digest(gmt());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found.provenance().downloads[0].sha256, hex);
    assert!(!files(cache).iter().any(|name| name.contains("part")));
}

fn is_empty(cache: &Path) {
    let left = files(cache);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_cut_download_is_resumed() {
    let body = gmt();
    let server = Server::start(move |request| {
        if request.target != PATH {
            return Reply::status(404);
        }
        let reply = Reply::ranged(&body, "\"v1\"", request);
        match request.before {
            0 => reply.cut(40_000),
            1 => reply.cut(10_000),
            _ => reply,
        }
    });
    let cache = folder();
    let run = fetch(cache.path(), &server, NAME, &[]);
    assert!(
        run.stderr.contains("going on after 50000 bytes"),
        "{}",
        run.stderr
    );
    run.ok();
    let requests = server.requests();
    let ranges: Vec<Option<usize>> = requests[..3].iter().map(|r| r.range_start()).collect();
    assert_eq!(ranges, [None, Some(40_000), Some(50_000)]);
    assert_eq!(requests[1].headers["if-range"], "\"v1\"");
    is_whole(cache.path());
}

#[test]
fn another_run_goes_on_where_one_was_cut_unless_the_file_changed() {
    for (tag, resumed) in [("\"v1\"", true), ("\"v2\"", false)] {
        let body = gmt();
        let server = Server::start(move |request| match request.before {
            _ if request.target != PATH => Reply::status(404),
            0 => Reply::ranged(&body, "\"v1\"", request).cut(30_000),
            _ => Reply::ranged(&body, tag, request),
        });
        let cache = folder();
        let error = fetch(cache.path(), &server, NAME, &["--retries", "0"]).error();
        assert!(
            error.contains("the connection broke after 30000 bytes"),
            "{error}"
        );
        let run = fetch(cache.path(), &server, NAME, &[]);
        assert_eq!(
            run.stderr.contains("going on after 30000"),
            resumed,
            "{}",
            run.stderr
        );
        run.ok();
        assert_eq!(server.requests()[1].range_start(), Some(30_000));
        is_whole(cache.path());
    }
}

#[test]
fn a_missing_file_is_asked_for_once() {
    let server = Server::files(vec![]);
    let cache = folder();
    let error = fetch(cache.path(), &server, NAME, &[]).error();
    assert!(error.contains("404") && error.contains(PATH), "{error}");
    assert_eq!(server.requests().len(), 1);
    is_empty(cache.path());
}

#[test]
fn a_server_that_asks_to_wait_is_waited_for_within_reason() {
    let body = gmt();
    let server = Server::start(move |request| match request.before {
        _ if request.target != PATH => Reply::status(404),
        0 => Reply::status(429).header("Retry-After", "2"),
        _ => Reply::body(body.clone()),
    });
    let cache = folder();
    let began = Instant::now();
    fetch(cache.path(), &server, NAME, &[]).ok();
    assert!(began.elapsed() >= Duration::from_secs(2));
    is_whole(cache.path());

    let server = Server::start(|_| Reply::status(429).header("Retry-After", "86400"));
    let began = Instant::now();
    let error = fetch(folder().path(), &server, NAME, &[]).error();
    assert!(error.contains("asks to wait 86400 s"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn server_errors_are_retried_with_growing_waits_and_then_given_up() {
    let body = gmt();
    let server = Server::start(move |request| match request.before {
        _ if request.target != PATH => Reply::status(404),
        0 => Reply::status(500),
        1 => Reply::status(503),
        _ => Reply::body(body.clone()),
    });
    let cache = folder();
    let began = Instant::now();
    fetch(cache.path(), &server, NAME, &[]).ok();
    // 1 s, then 2 s.
    assert!(began.elapsed() >= Duration::from_secs(3));
    is_whole(cache.path());

    let server = Server::start(|_| Reply::status(502));
    let cache = folder();
    let error = fetch(cache.path(), &server, NAME, &["--retries", "1"]).error();
    assert!(
        error.contains("502") && error.contains("(2 attempts)"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn nobody_listens() {
    let cache = folder();
    let arguments = [
        "genesets",
        "fetch",
        NAME,
        "--base-url",
        "http://127.0.0.1:9",
        "--retries",
        "0",
    ];
    let error = gsae(cache.path(), &arguments).error();
    assert!(error.contains("HTTPS_PROXY"), "{error}");
}

#[test]
fn checksums_are_verified_wherever_they_are_published() {
    let wrong = "0".repeat(64);
    let digest = Sha256::digest(gmt());
    let right: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();

    let server = Server::files(vec![(PATH, gmt())]);
    let cache = folder();
    let error = fetch(cache.path(), &server, NAME, &["--sha256", &wrong]).error();
    assert!(
        error.contains(&right) && error.contains("by --sha256"),
        "{error}"
    );
    is_empty(cache.path());
    fetch(cache.path(), &server, NAME, &["--sha256", &right]).ok();
    is_whole(cache.path());
    // A collection that is there already has to have the checksum as well.
    for more in [
        &["--sha256", &wrong][..],
        &["--sha256", &wrong, "--offline"],
    ] {
        assert!(!fetch(cache.path(), &server, NAME, more).success);
    }
    let error = fetch(cache.path(), &server, NAME, &["--sha256", "xyz"]).error();
    assert!(error.contains("64 hexadecimal digits"), "{error}");

    let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let server = Server::start(move |_| {
        Reply::body(gmt()).header("Repr-Digest", &format!("sha-256=:{zero}:"))
    });
    let cache = folder();
    let error = fetch(cache.path(), &server, NAME, &[]).error();
    assert!(error.contains("by the response's headers"), "{error}");
    is_empty(cache.path());

    let beside = format!("{PATH}.sha256");
    for (sum, good) in [(&wrong, false), (&right, true)] {
        let text = format!("{sum}  h.all.gmt\n").into_bytes();
        let server = Server::files(vec![(PATH, gmt()), (&beside, text)]);
        let cache = folder();
        let run = fetch(cache.path(), &server, NAME, &[]);
        assert_eq!(run.success, good, "{}", run.stderr);
        if good {
            is_whole(cache.path());
            assert!(files(cache.path()).contains(&"source.json".to_owned()));
        } else {
            assert!(run.error().contains("the mirror's .sha256 file"));
            is_empty(cache.path());
        }
    }
}

#[test]
fn a_file_that_was_changed_in_the_cache_is_not_read() {
    let server = Server::files(vec![(PATH, gmt())]);
    let cache = folder();
    fetch(cache.path(), &server, NAME, &[]).ok();
    let sets = cache.path().join("genesets/msigdb/h/2024.1.Hs/sets.gmt");
    let mut text = std::fs::read(&sets).expect("the cached sets");
    text[10] ^= 1;
    std::fs::write(&sets, text).expect("a changed file");
    let error = gsae(cache.path(), &["genesets", "info", "msigdb:h"]).error();
    assert!(
        error.contains("not as it was fetched") && error.contains("--refresh"),
        "{error}"
    );
    // A fetch mends it, here without a further request: the download itself is whole.
    let before = server.requests().len();
    fetch(cache.path(), &server, NAME, &[]).ok();
    is_whole(cache.path());
    assert_eq!(server.requests().len(), before);
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let server = Server::start(|request| match request.target.as_str() {
        PATH => Reply::status(302).header("Location", "/elsewhere.gmt"),
        "/elsewhere.gmt" => Reply::body(gmt()),
        _ => Reply::status(404),
    });
    let cache = folder();
    fetch(cache.path(), &server, NAME, &[]).ok();
    let name: CollectionName = NAME.parse().expect("a name");
    let found = GeneSetCache::new(cache.path()).find(&name).expect("cached");
    assert!(
        found.provenance().downloads[0]
            .final_url
            .ends_with("/elsewhere.gmt")
    );

    let server = Server::start(|_| Reply::status(301).header("Location", PATH));
    let cache = folder();
    let run = fetch(cache.path(), &server, NAME, &[]);
    assert!(
        run.stderr.contains("more than 5 redirects"),
        "{}",
        run.stderr
    );
    run.error();
    assert_eq!(server.requests().len(), 6);
    is_empty(cache.path());
}

#[test]
fn sizes_are_bounded_whether_the_server_tells_them_or_not() {
    let server = Server::start(|_| Reply::body("x").length(Some(10_000_000_000)));
    let cache = folder();
    let began = Instant::now();
    let error = fetch(cache.path(), &server, NAME, &[]).error();
    assert!(
        error.contains("9536 MB") && error.contains("--max-size"),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(server.requests().len(), 1);
    is_empty(cache.path());

    let server = Server::start(|_| Reply::body(gmt()).endless());
    let error = fetch(cache.path(), &server, NAME, &["--max-size", "2"]).error();
    assert!(
        error.contains("the file goes on; the limit is 2 MB"),
        "{error}"
    );
    is_empty(cache.path());
}

#[test]
fn slow_servers_are_given_up() {
    let drip = Duration::from_millis(50);
    let server = Server::start(move |_| Reply::body(gmt()).pace(10, drip));
    let cache = folder();
    let began = Instant::now();
    let error = fetch(cache.path(), &server, NAME, &["--timeout", "2"]).error();
    assert!(
        error.contains("too slow") && error.contains("--timeout"),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(6));

    // Silence counts as well.
    let server = Server::start(move |_| Reply::body(gmt()).pace(60_000, Duration::from_secs(20)));
    let began = Instant::now();
    let error = fetch(
        folder().path(),
        &server,
        NAME,
        &["--timeout", "1", "--retries", "0"],
    );
    error.error();
    assert!(began.elapsed() < Duration::from_secs(6));

    // Too little in a window, well before the end of all time.
    let server = Server::start(move |_| Reply::body(gmt()).pace(10, drip));
    let options = FetchOptions {
        base_url: Some(server.base.clone()),
        limits: Limits {
            window: Duration::from_millis(500),
            min_bytes: 1000,
            retries: 0,
            ..Limits::default()
        },
        ..FetchOptions::default()
    };
    let name = NAME.parse().expect("a name");
    let cache = GeneSetCache::new(cache.path());
    let error = gsae::remote::fetch(&name, &cache, &options, &mut SilentFetch);
    let error = error.expect_err("too slow").to_string();
    assert!(error.contains("bytes came in"), "{error}");
}

/// Fetches Reactome where the archive is this.
fn with_archive(archive: Vec<u8>, more: &[&str]) -> (remote_support::Run, tempfile::TempDir) {
    let server = Server::files(vec![
        ("/download/current/ReactomePathways.gmt.zip", archive),
        (
            "/download/current/ReactomePathwaysRelation.txt",
            b"R-HSA-1\tR-HSA-2\n".to_vec(),
        ),
    ]);
    let cache = folder();
    let run = fetch(cache.path(), &server, "reactome", more);
    (run, cache)
}

#[test]
fn archives_are_not_trusted() {
    let gmt = b"A\tR-HSA-1\tX\tY\nB\tR-HSA-2\tX\n".as_slice();
    let good = zipped(&[("ReactomePathways.gmt", gmt)]);
    with_archive(good.clone(), &[]).0.ok();

    let error = with_archive(good[..good.len() / 2].to_vec(), &[]).0.error();
    assert!(error.contains("no whole zip archive"), "{error}");

    let mut damaged = good.clone();
    let at = 30 + "ReactomePathways.gmt".len() + 5;
    damaged[at] ^= 0xff;
    let (run, cache) = with_archive(damaged, &[]);
    assert!(run.error().contains("damaged"));
    assert!(!cache.path().join("genesets").exists());

    let bomb = zipped(&[("ReactomePathways.gmt", &vec![b'A'; 50 << 20])]);
    assert!(bomb.len() < 100_000);
    let error = with_archive(bomb, &["--max-size", "1"]).0.error();
    assert!(error.contains("unpacked it is larger than 1 MB"), "{error}");

    for name in ["../../evil.gmt", "/etc/evil.gmt", "a/../../evil.gmt"] {
        let (run, cache) = with_archive(zipped(&[(name, gmt)]), &[]);
        let error = run.error();
        assert!(
            error.contains("unsafe name") && error.contains("evil.gmt"),
            "{error}"
        );
        assert!(!files(cache.path()).iter().any(|file| file.contains("evil")));
    }

    let error = with_archive(zipped(&[("readme.txt", gmt)]), &[]).0.error();
    assert!(error.contains("no file whose name ends in .gmt"), "{error}");
}

#[test]
fn a_gzip_bomb_and_a_cut_gzip_are_refused() {
    let obo = b"[Term]\nid: GO:1\nname: a\nnamespace: biological_process\n".to_vec();
    let whole = gzipped(&vec![b'!'; 20 << 20]);
    let half = whole[..whole.len() / 2].to_vec();
    for (gaf, expected) in [(whole, "larger than 1 MB"), (half, "ends too early")] {
        let server = Server::files(vec![
            ("/ontology/go-basic.obo", obo.clone()),
            ("/annotations/goa_human.gaf.gz", gaf),
        ]);
        let size = if expected.contains("1 MB") {
            "1"
        } else {
            "1000"
        };
        let error = fetch(folder().path(), &server, "go:bp", &["--max-size", size]).error();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn offline_the_cache_has_to_do() {
    let server = Server::files(vec![(PATH, gmt())]);
    let cache = folder();
    let error = fetch(cache.path(), &server, NAME, &["--offline"]).error();
    assert!(error.contains("offline"), "{error}");
    let list = ["genesets", "list", "--remote", "msigdb", "--offline"];
    let error = gsae_with(cache.path(), &[], &list).error();
    assert!(
        error.contains("not in the cache, and gsae is offline"),
        "{error}"
    );
    assert!(error.contains("without --offline"), "{error}");
    fetch(cache.path(), &server, NAME, &[]).ok();
    let asked = server.requests().len();
    for name in [NAME, "msigdb:h"] {
        let text = fetch(cache.path(), &server, name, &["--offline", "--refresh"]).ok();
        assert!(text.contains("was in the cache: 130 gene sets"), "{text}");
    }
    let run = gsae_with(
        cache.path(),
        &[("GSAE_OFFLINE", "1")],
        &["genesets", "fetch", "msigdb:h", "--base-url", &server.base],
    );
    assert!(run.ok().contains("was in the cache"));
    assert_eq!(server.requests().len(), asked);
    // The collection is made anew from the download alone.
    std::fs::remove_dir_all(cache.path().join("genesets")).expect("the collections");
    fetch(cache.path(), &server, NAME, &["--offline"]).ok();
    is_whole(cache.path());
    assert_eq!(server.requests().len(), asked);
}

#[test]
fn what_did_not_change_does_not_come_again() {
    let server = Server::start(|request| {
        if request.headers.contains_key("if-none-match") {
            assert_eq!(request.headers["if-none-match"], "\"e\"");
            return Reply::status(304).length(None);
        }
        match request.target.contains("geneSetLibrary") {
            true => Reply::body(gmt()).header("ETag", "\"e\""),
            false => Reply::status(404),
        }
    });
    let cache = folder();
    fetch(cache.path(), &server, "enrichr:Lib", &[]).ok();
    let run = fetch(cache.path(), &server, "enrichr:Lib", &[]);
    assert!(
        run.stderr.contains("unchanged since it was fetched"),
        "{}",
        run.stderr
    );
    assert!(run.ok().contains("130 gene sets"));
    // Asked to, it comes whole.
    fetch(cache.path(), &server, "enrichr:Lib", &["--refresh"]).ok();
    let last = server.requests().pop().expect("a request");
    assert!(!last.headers.contains_key("if-none-match"));
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let proxy =
        Server::start(
            |request| match request.target == format!("http://mirror.invalid{PATH}") {
                true => Reply::body(gmt()),
                false => Reply::status(404),
            },
        );
    let cache = folder();
    let run = gsae_with(
        cache.path(),
        &[("HTTP_PROXY", &proxy.base), ("http_proxy", &proxy.base)],
        &[
            "genesets",
            "fetch",
            NAME,
            "--base-url",
            "http://mirror.invalid",
        ],
    );
    assert!(run.stderr.contains("not encrypted"), "{}", run.stderr);
    run.ok();
    is_whole(cache.path());
}
