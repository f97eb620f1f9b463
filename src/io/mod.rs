//! Files as every reader and writer of this crate treats them: compression is
//! recognised by content, outputs appear whole or not at all.

mod atomic;
mod text;

pub use atomic::{write_atomically, write_text};
pub use text::{Source, read_bytes};
