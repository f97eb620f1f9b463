//! What a user gets for input that cannot be used: one paragraph on standard error that names
//! the place and says what to do, a non-zero exit, and nothing written.

use assert_cmd::cargo::cargo_bin_cmd;
use std::path::{Path, PathBuf};

/// Eight samples whose second set is up in the last four.
const TABLE: &str = "gene\ts1\ts2\ts3\ts4\ts5\ts6\ts7\ts8
TP53\t3.1\t2.5\t3.3\t2.9\t3.0\t2.8\t3.2\t2.7
MYC\t1.0\t1.5\t1.2\t1.4\t0.8\t1.1\t1.3\t0.9
EGFR\t2.0\t2.2\t1.9\t2.4\t2.1\t2.3\t1.8\t2.5
ISG15\t0.1\t0.0\t0.3\t0.2\t4.1\t4.4\t3.9\t4.2
IFI6\t0.4\t0.2\t0.1\t0.3\t3.5\t3.8\t3.6\t3.4
MX1\t0.0\t0.3\t0.2\t0.1\t2.9\t3.1\t3.0\t3.3
";
const SETS: &str = "GROWTH\tna\tTP53\tMYC\tEGFR\nINTERFERON\tna\tISG15\tIFI6\tMX1\n";

/// A folder with `expression.tsv` and `sets.gmt` that fit.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        bench.write("expression.tsv", TABLE);
        bench.write("sets.gmt", SETS);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a file in the temporary folder");
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the temporary folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().display().to_string())
            .collect();
        names.sort();
        names
    }

    /// Runs gsae in the folder: whether it succeeded, and its standard error.
    fn gsae(&self, arguments: &[&str]) -> (bool, String) {
        let output = cargo_bin_cmd!("gsae")
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("gsae starts");
        let text = String::from_utf8(output.stderr).expect("messages in UTF-8");
        (output.status.success(), text)
    }

    fn fit(&self, more: &[&str]) -> (bool, String) {
        let mut arguments = vec![
            "fit",
            "--expression",
            "expression.tsv",
            "--gene-sets",
            "sets.gmt",
            "--min-size",
            "2",
            "--epochs",
            "2",
            "--quiet",
            "--out",
            "run",
        ];
        arguments.extend(more);
        self.gsae(&arguments)
    }

    /// Runs a command that must fail: the message after `error: `, a single paragraph, and no
    /// file more than before.
    fn refused(&self, arguments: &[&str]) -> String {
        let before = self.names();
        let (succeeded, text) = self.gsae(arguments);
        assert!(!succeeded, "{arguments:?} succeeded: {text}");
        assert_eq!(self.names(), before, "{arguments:?} left something behind");
        let message = text
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("no error message: {text}"));
        assert!(!message.contains("\n\n"), "more than a paragraph: {text}");
        assert!(!message.contains("panicked"), "{text}");
        message.trim_end().to_owned()
    }

    fn fit_refused(&self) -> String {
        self.refused(&[
            "fit",
            "-e",
            "expression.tsv",
            "-g",
            "sets.gmt",
            "--min-size",
            "2",
            "-q",
            "-o",
            "run",
        ])
    }

    /// The message for an expression table.
    fn table_refused(table: impl AsRef<[u8]>) -> String {
        let bench = Self::new();
        bench.write("expression.tsv", table);
        bench.fit_refused()
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn assert_starts(message: &str, start: &str) {
    assert!(message.starts_with(start), "{message:?} begins otherwise");
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[test]
fn good_input_is_fitted() {
    let bench = Bench::new();
    let (succeeded, text) = bench.fit(&[]);
    assert!(succeeded, "{text}");
    for name in [
        "model.safetensors",
        "activity.tsv",
        "latent.tsv",
        "nodes.tsv",
        "history.tsv",
        "run.json",
    ] {
        assert!(exists(&bench.path("run").join(name)), "{name}");
    }
}

#[test]
fn an_empty_file() {
    let message = Bench::table_refused("");
    assert_starts(&message, "expression.tsv: the file is empty. Check");
    let bench = Bench::new();
    bench.write("sets.gmt", "");
    assert_starts(&bench.fit_refused(), "sets.gmt: the file is empty. Check");
}

#[test]
fn a_ragged_row() {
    let message = Bench::table_refused(TABLE.replace("MYC\t1.0\t", "MYC\t"));
    assert_starts(
        &message,
        "expression.tsv, line 3: the row has 8 fields, and the first has 9. Every row needs",
    );
}

#[test]
fn text_in_a_number() {
    let message = Bench::table_refused(TABLE.replace("\t2.2\t", "\ttwo\t"));
    assert_starts(
        &message,
        "expression.tsv, line 4, field 3 (s2): \"two\" is not a number. Only",
    );
}

#[test]
fn missing_values_and_infinities() {
    for missing in ["NaN", "NA", ""] {
        let message = Bench::table_refused(TABLE.replace("\t2.2\t", &format!("\t{missing}\t")));
        assert_starts(&message, "expression.tsv, line 4, field 3 (s2): ");
        assert!(message.contains("--missing"), "{message}");
    }
    let message = Bench::table_refused(TABLE.replace("\t2.2\t", "\tinf\t"));
    assert_starts(&message, "expression.tsv, line 4, field 3 (s2): ");
}

#[test]
fn an_all_zero_sample() {
    let counts = "gene\ts1\ts2\ts3\nTP53\t4\t0\t3\nMYC\t1\t0\t3\nISG15\t2\t0\t5\nMX1\t1\t0\t7\n";
    let message = Bench::table_refused(counts);
    assert_starts(
        &message,
        "the sample \"s2\" has no counts at all. Remove it",
    );
}

#[test]
fn one_sample() {
    let message = Bench::table_refused("gene\ts1\nTP53\t4\nMYC\t1\nISG15\t2\nMX1\t3\n");
    assert_starts(&message, "a model needs several samples, and there is 1");
    assert!(message.contains("gsae activity"), "{message}");
}

#[test]
fn samples_that_do_not_differ() {
    let table =
        "gene\ts1\ts2\ts3\nTP53\t4.5\t4.5\t4.5\nMYC\t1\t1\t1\nISG15\t2\t2\t2\nMX1\t1\t1\t1\n";
    let message = Bench::table_refused(table);
    assert!(message.contains("the same in all samples"), "{message}");
}

#[test]
fn duplicate_samples() {
    let message = Bench::table_refused(TABLE.replace("\ts2\t", "\ts1\t"));
    assert_starts(
        &message,
        "expression.tsv: the samples 1 and 2 are both called \"s1\". Give",
    );
}

#[test]
fn no_overlap() {
    let bench = Bench::new();
    bench.write("sets.gmt", "A\tna\tCD4\tCD8A\tCD3E\nB\tna\tMS4A1\tCD79A\n");
    let message = bench.fit_refused();
    assert_starts(&message, "only 0 of the data's 6 genes are in any gene set");
    assert!(message.contains("gsae doctor"), "{message}");
}

#[test]
fn no_set_of_the_wanted_size() {
    let bench = Bench::new();
    let message = bench.refused(&[
        "fit",
        "-e",
        "expression.tsv",
        "-g",
        "sets.gmt",
        "-q",
        "-o",
        "run",
    ]);
    assert!(message.contains("--min-size"), "{message}");
}

#[test]
fn a_truncated_gzip() {
    let whole = gzip(TABLE.as_bytes());
    let message = Bench::table_refused(&whole[..whole.len() / 2]);
    assert_starts(
        &message,
        "expression.tsv: the gzip stream is damaged or ends too early",
    );
    let bench = Bench::new();
    let whole = gzip(SETS.as_bytes());
    bench.write("sets.gmt", &whole[..whole.len() - 4]);
    assert_starts(
        &bench.fit_refused(),
        "sets.gmt: the gzip stream is damaged or ends too early",
    );
}

#[test]
fn files_that_are_not_there() {
    let bench = Bench::new();
    let message = bench.refused(&["fit", "-e", "no.tsv", "-g", "sets.gmt", "-q", "-o", "run"]);
    assert_starts(&message, "cannot read no.tsv. Check that the path is right");
    let message = bench.refused(&["fit", "-e", "expression.tsv", "-g", "reactom", "-o", "run"]);
    assert_starts(
        &message,
        "--gene-sets \"reactom\" is neither a file nor one of",
    );
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let bench = Bench::new();
    let message = bench.refused(&[
        "fit",
        "-e",
        "expression.tsv",
        "-g",
        "sets.gmt",
        "--min-size",
        "2",
        "-q",
        "-o",
        "sets.gmt/run",
    ]);
    assert_starts(
        &message,
        "cannot create the folder sets.gmt/run. Choose a place",
    );
    let (succeeded, text) = bench.fit(&[]);
    assert!(succeeded, "{text}");
    let message = bench.refused(&[
        "activity",
        "-m",
        "run/model.safetensors",
        "-e",
        "expression.tsv",
        "-q",
        "-o",
        "sets.gmt/activity.tsv",
    ]);
    assert_starts(&message, "cannot write into sets.gmt. Choose a place");
}

#[test]
fn a_damaged_model_file() {
    let bench = Bench::new();
    let (succeeded, text) = bench.fit(&[]);
    assert!(succeeded, "{text}");
    let whole = std::fs::read(bench.path("run/model.safetensors")).expect("the model");
    let damages: [(&str, Vec<u8>); 5] = [
        ("cut off", whole[..whole.len() - 9].to_vec()),
        ("cut off in its header", whole[..40].to_vec()),
        ("empty", Vec::new()),
        ("a table", TABLE.as_bytes().to_vec()),
        ("longer than it says", [&whole[..], b"more"].concat()),
    ];
    for (damage, bytes) in damages {
        bench.write("damaged", bytes);
        let message = bench.refused(&[
            "activity",
            "-m",
            "damaged",
            "-e",
            "expression.tsv",
            "-q",
            "-o",
            "activity.tsv",
        ]);
        assert_starts(&message, "damaged: ");
        assert!(message.contains("model file"), "{damage}: {message}");
    }
}

#[test]
fn option_values_that_make_no_sense() {
    let bench = Bench::new();
    for (option, value) in [
        ("--activation", "foo"),
        ("--min-match", "3"),
        ("--epochs", "0"),
        ("--batch-size", "0"),
        ("--learning-rate", "-1"),
        ("--learning-rate", "NaN"),
        ("--dropout", "1"),
        ("--validation-fraction", "1.5"),
        ("--model", "transformer"),
        ("--normalization", "tpm"),
        ("--missing", "guess"),
        ("--duplicate-sets", "maybe"),
        ("--threads", "0"),
    ] {
        let message = bench.refused(&[
            "fit",
            "-e",
            "expression.tsv",
            "-g",
            "sets.gmt",
            "-q",
            "-o",
            "run",
            option,
            value,
        ]);
        assert_starts(&message, option);
        assert!(message.contains(value), "{message}");
    }
    let message = bench.refused(&[
        "fit",
        "-e",
        "expression.tsv",
        "-g",
        "sets.gmt",
        "-q",
        "-o",
        "run",
        "--min-size",
        "9",
        "--max-size",
        "3",
    ]);
    assert!(message.contains("--min-size"), "{message}");
}
