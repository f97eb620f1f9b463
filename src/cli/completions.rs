//! `gsae completions` and `gsae man`: help for shells and for `man`.

use super::console::{Console, print};
use crate::error::{Error, Result};
use crate::io::{make_folder, write_atomically};
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use std::path::{Path, PathBuf};

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
    let _new = make_folder(folder)?;
    let mut command = C::command().disable_help_subcommand(true);
    command.build();
    write_pages(command, folder)?;
    console.note(format!(
        "wrote {}: gsae.1 and a page for every command",
        folder.display()
    ));
    Ok(())
}

/// A page for a command and for every one below it.
fn write_pages(command: Command, folder: &Path) -> Result<()> {
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        write_pages(inner.clone(), folder)?;
    }
    let page = clap_mangen::Man::new(command);
    let path = folder.join(page.get_filename());
    write_atomically(&path, |file| {
        page.render(file).map_err(Error::io("write", &path))
    })
}
