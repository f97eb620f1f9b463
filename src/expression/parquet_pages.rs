//! What a Parquet file promises, held against the file before it is read: the library that reads it
//! takes memory for as many elements as the end of the file lists, and for as many values as a page's
//! header says, also for -1 of them; a program out of memory cannot be saved.

use polars_parquet_format::thrift;
use polars_parquet_format::thrift::protocol::{TCompactInputProtocol, TInputProtocol, TType};
use polars_parquet_format::{PageHeader, PageType};
use std::ops::Range;

/// Bytes of a page that are believed without a look at how many they are compressed to.
const BELIEVED: usize = 64 << 20;
/// How many times larger than compressed a page of more than [`BELIEVED`] bytes may be: Zstandard
/// reaches about 32,000.
const RATIO: usize = 40_000;
/// The end of a file: its length, and the letters PAR1.
const END: usize = 8;
/// Bytes that lists and texts of the end of the file may promise for each that there is.
const PROMISED: usize = 16;
/// How deep structures lie in one another at most; Parquet's own go to 8.
const DEEPEST: usize = 32;

/// The part of a file that holds one column of one row group.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Where it is in the file.
    pub place: Range<u64>,
    /// How many values it has, as the end of the file says.
    pub values: i64,
    /// The rows of the group, where a row has one value.
    pub rows: Option<usize>,
}

/// Refuses an end of the file whose lists are longer than it.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn check_end(file: &[u8]) -> Result<(), String> {
    let cut = "the file is cut off";
    let end = file.len().checked_sub(END).ok_or(cut)?;
    let length: [u8; 4] = file[end..end + 4].try_into().map_err(|_| cut)?;
    let length = u32::from_le_bytes(length) as usize;
    let begin = end.checked_sub(length).ok_or(cut)?;
    let mut protocol = TCompactInputProtocol::new(&file[begin..end], length * PROMISED);
    pass(&mut protocol, TType::Struct, DEEPEST).map_err(|cause| format!("its end: {cause}"))
}

/// Reads over a value. The crate's own way takes every text for UTF-8, which statistics are not.
fn pass(protocol: &mut impl TInputProtocol, kind: TType, depth: usize) -> thrift::Result<()> {
    let Some(depth) = depth.checked_sub(1) else {
        return protocol.skip_till_depth(kind, 0);
    };
    match kind {
        TType::String => protocol.read_bytes().map(drop),
        TType::Struct => {
            protocol.read_struct_begin()?;
            loop {
                let field = protocol.read_field_begin()?;
                if field.field_type == TType::Stop {
                    break;
                }
                pass(protocol, field.field_type, depth)?;
                protocol.read_field_end()?;
            }
            protocol.read_struct_end()
        }
        TType::List => {
            let list = protocol.read_list_begin()?;
            for _ in 0..list.size {
                pass(protocol, list.element_type, depth)?;
            }
            protocol.read_list_end()
        }
        kind => protocol.skip(kind),
    }
}

/// Refuses pages that promise more than their chunk has, or less than nothing.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn check(file: &[u8], chunks: impl IntoIterator<Item = Chunk>) -> Result<(), String> {
    chunks.into_iter().try_for_each(|chunk| {
        let place = |at: u64| usize::try_from(at).ok();
        let pages = place(chunk.place.start)
            .zip(place(chunk.place.end))
            .and_then(|(start, end)| file.get(start..end))
            .ok_or("a column lies beyond the end of the file")?;
        if let Some(rows) = chunk.rows.filter(|rows| chunk.values != *rows as i64) {
            let values = chunk.values;
            return Err(format!("a column of {values} values in {rows} rows"));
        }
        check_pages(pages, chunk.values)
    })
}

/// Goes from page to page until all values were seen, as the reader will.
fn check_pages(mut pages: &[u8], values: i64) -> Result<(), String> {
    let mut missing = u64::try_from(values).map_err(|_| "a column of less than no values")?;
    while missing > 0 {
        let longest = pages.len();
        let mut protocol = TCompactInputProtocol::new(&mut pages, longest);
        let header = PageHeader::read_from_in_protocol(&mut protocol)
            .map_err(|cause| format!("the header of a page: {cause}"))?;
        let page = Page::of(&header).ok_or("a page of an impossible size")?;
        if page.values > missing {
            return Err(format!(
                "a page of {} values where {missing} are left",
                page.values
            ));
        }
        if page.size > BELIEVED && page.size / RATIO > page.compressed {
            return Err(format!(
                "a page of {} bytes that are {} bytes compressed",
                page.size, page.compressed
            ));
        }
        pages = pages
            .get(page.compressed..)
            .ok_or("a page that is longer than its column")?;
        missing -= page.values;
    }
    Ok(())
}

/// The sizes that a header gives.
struct Page {
    /// Values of the column; 0 for a dictionary.
    values: u64,
    /// Bytes in the file.
    compressed: usize,
    /// Bytes in memory.
    size: usize,
}

impl Page {
    /// `None` if one is negative, or a dictionary has more entries than bytes.
    fn of(header: &PageHeader) -> Option<Self> {
        let own = |number: i32| u32::try_from(number).ok();
        let mut values = 0;
        match header.type_ {
            PageType::DATA_PAGE => {
                if let Some(data) = &header.data_page_header {
                    values = own(data.num_values)?;
                }
            }
            PageType::DATA_PAGE_V2 => {
                if let Some(data) = &header.data_page_header_v2 {
                    values = own(data.num_values)?;
                    own(data.num_nulls).filter(|nulls| *nulls <= values)?;
                    own(data.num_rows)?;
                    own(data.definition_levels_byte_length)?;
                    own(data.repetition_levels_byte_length)?;
                }
            }
            PageType::DICTIONARY_PAGE => {
                if let Some(dictionary) = &header.dictionary_page_header {
                    let bytes = own(header.uncompressed_page_size)?;
                    own(dictionary.num_values).filter(|entries| *entries <= bytes)?;
                }
            }
            _ => {}
        }
        Some(Self {
            values: values.into(),
            compressed: own(header.compressed_page_size)? as usize,
            size: own(header.uncompressed_page_size)? as usize,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars_parquet_format::thrift::protocol::TCompactOutputProtocol;
    use polars_parquet_format::{DataPageHeader, Encoding};

    /// A page of 4 bytes that says it has so many values.
    fn page(values: i32, size: i32) -> Vec<u8> {
        let header = PageHeader {
            type_: PageType::DATA_PAGE,
            uncompressed_page_size: size,
            compressed_page_size: 4,
            crc: None,
            data_page_header: Some(DataPageHeader {
                num_values: values,
                encoding: Encoding::PLAIN,
                definition_level_encoding: Encoding::RLE,
                repetition_level_encoding: Encoding::RLE,
                statistics: None,
            }),
            index_page_header: None,
            dictionary_page_header: None,
            data_page_header_v2: None,
        };
        let mut bytes = Vec::new();
        let mut protocol = TCompactOutputProtocol::new(&mut bytes);
        header
            .write_to_out_protocol(&mut protocol)
            .expect("written to memory");
        bytes.extend([0; 4]);
        bytes
    }

    fn whole(file: &[u8], values: i64) -> Chunk {
        Chunk {
            place: 0..file.len() as u64,
            values,
            rows: None,
        }
    }

    fn refused(file: &[u8], values: i64) -> String {
        check(file, [whole(file, values)]).expect_err("a damaged page")
    }

    #[test]
    fn pages_add_up_to_their_column() {
        let file = [page(3, 4), page(2, 4)].concat();
        assert_eq!(check(&file, [whole(&file, 5)]), Ok(()));
        let rows = |rows| Chunk {
            rows: Some(rows),
            ..whole(&file, 5)
        };
        assert_eq!(check(&file, [rows(5)]), Ok(()));
        assert!(check(&file, [rows(6)]).is_err());
        assert!(refused(&file, 4).contains("2 values where 1 are left"));
        assert!(refused(&file, 6).contains("header of a page"));
        assert!(refused(&file, -1).contains("less than no values"));
        let beyond = Chunk {
            place: 1..file.len() as u64 + 1,
            ..whole(&file, 5)
        };
        assert!(check(&file, [beyond]).is_err());
    }

    #[test]
    fn ends_that_promise_too_much_are_refused() {
        let file = |content: &[u8]| {
            let length = (content.len() as u32).to_le_bytes();
            [b"PAR1", content, &length, b"PAR1"].concat()
        };
        // A list of two structures, each with a text that is no UTF-8.
        let text = [0x18, 2, 0xff, 0xfe, 0];
        let list = [&[0x19, 0x2c][..], &text, &text, &[0]].concat();
        assert_eq!(check_end(&file(&list)), Ok(()));
        // Two thousand million structures.
        let long = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0];
        assert!(check_end(&file(&long)).is_err());
        let deep = [0x1c; 100_000];
        assert!(check_end(&file(&deep)).is_err());
        for cut in [
            &b"PAR1"[..],
            b"PAR1\xff\xff\xff\xffPAR1",
            &file(&list[..list.len() - 1]),
        ] {
            assert!(check_end(cut).is_err(), "{cut:?}");
        }
    }

    #[test]
    fn pages_that_promise_too_much_are_refused() {
        assert!(refused(&page(-1, 4), 3).contains("impossible"));
        assert!(refused(&page(3, -4), 3).contains("impossible"));
        assert!(refused(&page(i32::MAX, 4), 3).contains("are left"));
        assert!(refused(&page(3, i32::MAX), 3).contains("4 bytes compressed"));
        let cut = &page(3, 4)[..page(3, 4).len() - 1];
        assert!(refused(cut, 3).contains("longer than its column"));
    }
}
