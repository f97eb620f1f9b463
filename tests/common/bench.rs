//! A folder with data that fit together, and the program run in it.

use assert_cmd::cargo::cargo_bin_cmd;
use std::path::PathBuf;

/// Eight samples whose second set is up in the last four.
pub const TABLE: &str = "gene\ts1\ts2\ts3\ts4\ts5\ts6\ts7\ts8
TP53\t3.1\t2.5\t3.3\t2.9\t3.0\t2.8\t3.2\t2.7
MYC\t1.0\t1.5\t1.2\t1.4\t0.8\t1.1\t1.3\t0.9
EGFR\t2.0\t2.2\t1.9\t2.4\t2.1\t2.3\t1.8\t2.5
ISG15\t0.1\t0.0\t0.3\t0.2\t4.1\t4.4\t3.9\t4.2
IFI6\t0.4\t0.2\t0.1\t0.3\t3.5\t3.8\t3.6\t3.4
MX1\t0.0\t0.3\t0.2\t0.1\t2.9\t3.1\t3.0\t3.3
";
pub const SETS: &str = "GROWTH\tna\tTP53\tMYC\tEGFR\nINTERFERON\tna\tISG15\tIFI6\tMX1\n";
/// Their groups and follow-up.
pub const LABELS: &str = "sample\tgroup\ttime\tevent
s1\ta\t1\t1\ns2\ta\t2\t1\ns3\ta\t3\t0\ns4\ta\t4\t1
s5\tb\t5\t1\ns6\tb\t6\t1\ns7\tb\t7\t0\ns8\tb\t8\t1\n";

/// A folder with `expression.tsv` and `sets.gmt` that fit.
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        bench.write("expression.tsv", TABLE);
        bench.write("sets.gmt", SETS);
        bench
    }

    /// The folder with `run`, the result of a fit.
    pub fn fitted() -> Self {
        let bench = Self::new();
        bench.fit(&["--no-report", "--evidence", "none"]);
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a file in the temporary folder");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect(name)
    }

    /// What lies in a folder in it, by name.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect(folder);
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().display().to_string())
            .collect();
        names.sort();
        names
    }

    /// Runs gsae in the folder: whether it succeeded, its standard output and its standard error.
    pub fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = cargo_bin_cmd!("gsae")
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("gsae starts");
        let text = |bytes| String::from_utf8(bytes).expect("messages in UTF-8");
        (
            output.status.success(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// As [`run`](Self::run) without the standard output.
    pub fn gsae(&self, arguments: &[&str]) -> (bool, String) {
        let (succeeded, _, text) = self.run(arguments);
        (succeeded, text)
    }

    /// Runs a command, its words between blanks, that must succeed: its standard error.
    pub fn done(&self, line: &str) -> String {
        let arguments: Vec<&str> = line.split(' ').collect();
        let (success, text) = self.gsae(&arguments);
        assert!(success, "{line}: {text}");
        text
    }

    /// Fits `run`: the standard error.
    pub fn fit(&self, more: &[&str]) -> String {
        let line = "fit -e expression.tsv -g sets.gmt --min-size 2 --epochs 2 --out run";
        let mut arguments: Vec<&str> = line.split(' ').collect();
        arguments.extend(more);
        let (success, text) = self.gsae(&arguments);
        assert!(success, "{more:?}: {text}");
        text
    }

    /// Runs a command that must fail, without a panic and without a file more than before: its
    /// standard error.
    pub fn failed(&self, arguments: &[&str]) -> String {
        let before = self.names(".");
        let (succeeded, text) = self.gsae(arguments);
        assert!(!succeeded, "{arguments:?} succeeded: {text}");
        assert!(!text.contains("panicked"), "{text}");
        let after = self.names(".");
        assert_eq!(after, before, "{arguments:?} left something behind");
        text
    }

    /// Runs a command that must fail: the message after `error: `, a single paragraph.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let text = self.failed(arguments);
        let message = text
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("no error message: {text}"));
        assert!(!message.contains("\n\n"), "more than a paragraph: {text}");
        message.trim_end().to_owned()
    }
}
