//! Ctrl-C: what is half-written goes, what was written is named.

use crate::io::abandon;
use crate::wording::listed;
use std::io::IsTerminal;
use std::path::PathBuf;

/// The exit status of a program that an interrupt ended, as shells have it: 128 and the signal's
/// number, 2.
const INTERRUPTED: i32 = 130;

/// Files that are named.
const NAMED: usize = 8;

/// Ends the process tidily at an interrupt from now on.
pub(super) fn install() {
    let stop = || {
        abandon(|written| {
            // The terminal shows ^C, perhaps behind a bar.
            let line = if std::io::stderr().is_terminal() {
                "\n"
            } else {
                ""
            };
            eprintln!("{line}{}", farewell(written));
            std::process::exit(INTERRUPTED);
        });
    };
    // An interrupt that is ignored, as in the background of a script, or handled by the program
    // that this is a part of, stays so.
    let _ = ctrlc::try_set_handler(stop);
}

fn farewell(written: &[PathBuf]) -> String {
    let mut names: Vec<String> = Vec::new();
    for path in written {
        let name = path.display().to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => "stopped; nothing was written".to_owned(),
        _ => format!(
            "stopped; written before: {}",
            listed(names.iter().map(String::as_str), NAMED)
        ),
    }
}
