//! `gsae completions` and `gsae man`: help for shells and for `man`.

use super::console::{Console, print};
use crate::error::{Error, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use std::path::PathBuf;

const COMPLETIONS_EXAMPLE: &str = "Examples:\n  gsae completions bash > \
    ~/.local/share/bash-completion/completions/gsae\n  gsae completions zsh > \
    ~/.zfunc/_gsae\n  gsae completions fish > ~/.config/fish/completions/gsae.fish";
const MAN_EXAMPLE: &str = "Examples:\n  gsae man | man -l -\n  gsae man --out \
                           ~/.local/share/man/man1";

#[derive(clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLE)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(clap::Args)]
#[command(after_help = MAN_EXAMPLE)]
pub(super) struct ManArgs {
    /// Write a page for gsae and one for each command into this folder.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn completions<C: CommandFactory>(args: &CompletionsArgs) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut C::command(), "gsae", &mut text);
    print(&String::from_utf8_lossy(&text))
}

pub(super) fn man<C: CommandFactory>(args: &ManArgs, console: &Console) -> Result<()> {
    let Some(folder) = &args.out else {
        let mut text = Vec::new();
        clap_mangen::Man::new(C::command())
            .render(&mut text)
            .map_err(Error::io("write", "the man page"))?;
        return print(&String::from_utf8_lossy(&text));
    };
    std::fs::create_dir_all(folder).map_err(Error::io("create the folder", folder))?;
    clap_mangen::generate_to(C::command(), folder).map_err(Error::io("write into", folder))?;
    console.note(format!(
        "wrote {}: gsae.1 and a page for every command",
        folder.display()
    ));
    Ok(())
}
