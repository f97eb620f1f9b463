//! Files as every reader and writer of this crate treats them: compression is
//! recognised by content, outputs appear whole or not at all.

mod atomic;
mod memory;
mod text;

pub use atomic::{one_field, write_atomically, write_text};
pub use memory::available_memory;
pub use text::{Source, read_bytes, read_text};
pub(crate) use text::{decompress, hex, source, utf8};
