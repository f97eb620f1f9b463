//! Ctrl-C: what is half-written goes, what was written is named, and the process ends as one that
//! was interrupted.

#[cfg(not(unix))]
mod events;
#[cfg(unix)]
mod signals;

#[cfg(not(unix))]
pub(super) use events::Watch;
#[cfg(unix)]
pub(super) use signals::Watch;

use super::console::remark;
use crate::io::{Remains, abandon};
use crate::wording::listed;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Files that are named.
const NAMED: usize = 8;

/// Tidies up, tells what stays, and ends the process by `end`.
fn stop(end: impl Fn()) {
    // A process that was interrupted ends, whatever happens.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        abandon(|remains| {
            // The terminal shows ^C, perhaps behind a bar.
            let line = match std::io::stderr().is_terminal() {
                true => "\n",
                false => "",
            };
            remark(&format!("{line}{}", farewell(remains)));
            end();
        });
    }));
    end();
}

fn farewell(remains: &Remains) -> String {
    let mut names: Vec<String> = Vec::new();
    for path in &remains.written {
        let name = path.display().to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let download = match remains.download {
        true => "; what was downloaded stays: the same command goes on from there",
        false => "",
    };
    match names.len() {
        0 => format!("stopped; nothing was written{download}"),
        _ => format!(
            "stopped; written before: {}{download}",
            listed(names.iter().map(String::as_str), NAMED)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_farewell_names_each_file_once() {
        let mut remains = Remains {
            written: ["a.tsv", "b.tsv", "a.tsv"].map(Into::into).to_vec(),
            download: false,
        };
        assert_eq!(farewell(&remains), "stopped; written before: a.tsv, b.tsv");
        remains.written.clear();
        remains.download = true;
        assert!(farewell(&remains).starts_with("stopped; nothing was written; what was down"));
    }
}
