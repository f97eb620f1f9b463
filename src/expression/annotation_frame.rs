//! The `obs` and `var` tables of an h5ad file: groups of columns, or, in very old files, one
//! data set of records.

use super::hdf5::{DAMAGED, Data, Hdf5, text, texts};
use crate::error::Result;
use hdf5_pure::{DType, Datatype, DatatypeByteOrder};

/// A table of a file: its row names, and where its columns are.
pub(super) struct Frame<'a> {
    pub file: &'a Hdf5<'a>,
    pub name: String,
    /// The row names.
    pub index: Vec<String>,
    /// The names of the columns, without the index.
    pub columns: Vec<String>,
    records: Option<Records>,
}

/// Records of a structured array.
struct Records {
    bytes: Vec<u8>,
    size: usize,
    fields: Vec<(String, usize, Datatype)>,
}

impl<'a> Frame<'a> {
    pub fn open(file: &'a Hdf5<'a>, name: &str) -> Result<Self> {
        if file.has_dataset(name) {
            return Self::open_records(file, name);
        }
        let attributes = file.attributes(name);
        let members = file.members(name)?;
        let index_name = text(attributes.get("_index"))
            .or_else(|| {
                let usual = ["_index", "index"];
                let found = usual.iter().find(|name| members.iter().any(|m| m == *name));
                found.map(|name| (*name).to_owned())
            })
            .ok_or_else(|| file.error(name, "the table has no row names (_index)", DAMAGED))?;
        let mut frame = Self {
            file,
            name: name.to_owned(),
            index: Vec::new(),
            columns: Vec::new(),
            records: None,
        };
        frame.index = frame.column(&index_name)?;
        frame.columns = texts(attributes.get("column-order"))
            .unwrap_or_else(|| members.clone())
            .into_iter()
            .filter(|column| {
                *column != index_name && column != "__categories" && members.contains(column)
            })
            .collect();
        Ok(frame)
    }

    fn open_records(file: &'a Hdf5<'a>, name: &str) -> Result<Self> {
        let data = file.dataset(name)?;
        let Datatype::Compound { size, members } = data.datatype()? else {
            return Err(file.error(name, "the table is neither a group nor records", DAMAGED));
        };
        let size = (size as usize).max(1);
        let bytes = data.raw()?;
        let fields: Vec<(String, usize, Datatype)> = members
            .into_iter()
            .map(|member| (member.name, member.byte_offset as usize, member.datatype))
            .collect();
        let index_name = fields
            .iter()
            .find(|(field, ..)| field == "index" || field == "_index")
            .or(fields.first())
            .map(|(field, ..)| field.clone())
            .ok_or_else(|| file.error(name, "the table has no columns", DAMAGED))?;
        let mut frame = Self {
            file,
            name: name.to_owned(),
            index: Vec::new(),
            columns: fields
                .iter()
                .map(|(field, ..)| field.clone())
                .filter(|field| *field != index_name)
                .collect(),
            records: Some(Records {
                bytes,
                size,
                fields,
            }),
        };
        frame.index = frame.column(&index_name)?;
        Ok(frame)
    }

    /// A column as text: categories by name, missing values empty.
    pub fn column(&self, column: &str) -> Result<Vec<String>> {
        let name = format!("{}/{column}", self.name);
        let values = match &self.records {
            Some(records) => {
                let values = records.column(column).ok_or_else(|| {
                    let remedy = "Open the file with a current anndata and write it again.";
                    self.file
                        .error(&name, "the column cannot be decoded", remedy)
                })?;
                let categories = format!("uns/{column}_categories");
                if self.file.has_dataset(&categories) && records.is_integer(column) {
                    let categories = column_text(self.file, &categories)?;
                    decode(&values, &categories)
                } else {
                    values
                }
            }
            None if self.file.has_group(&name) => self.group_column(&name)?,
            None => {
                let values = column_text(self.file, &name)?;
                let categories = format!("{}/__categories/{column}", self.name);
                if self.file.has_dataset(&categories) {
                    decode(&values, &column_text(self.file, &categories)?)
                } else {
                    values
                }
            }
        };
        if !self.index.is_empty() && values.len() != self.index.len() {
            let message = format!(
                "the column has {} values for {} rows",
                values.len(),
                self.index.len()
            );
            return Err(self.file.error(&name, message, DAMAGED));
        }
        Ok(values)
    }

    /// A categorical (codes, categories) or nullable (values, mask) column.
    fn group_column(&self, name: &str) -> Result<Vec<String>> {
        let part = |part: &str| column_text(self.file, &format!("{name}/{part}"));
        if self.file.has_dataset(&format!("{name}/codes")) {
            let categories = format!("{name}/categories");
            let categories = if self.file.has_group(&categories) {
                self.group_column(&categories)?
            } else {
                column_text(self.file, &categories)?
            };
            return Ok(decode(&part("codes")?, &categories));
        }
        if self.file.has_dataset(&format!("{name}/values")) {
            let mut values = part("values")?;
            let mask = part("mask")?;
            for (value, masked) in values.iter_mut().zip(&mask) {
                if masked == "True" || masked == "1" {
                    value.clear();
                }
            }
            return Ok(values);
        }
        let message = "the column's encoding is unknown";
        let remedy = "Drop the column, or open the file with a current anndata and write it again.";
        Err(self.file.error(name, message, remedy))
    }
}

/// Codes to categories; a code without category (-1) is missing.
fn decode(codes: &[String], categories: &[String]) -> Vec<String> {
    let category = |code: &String| {
        let code = code.parse::<usize>().ok();
        code.and_then(|code| categories.get(code)).cloned()
    };
    codes
        .iter()
        .map(|code| category(code).unwrap_or_default())
        .collect()
}

/// A one-dimensional data set as text.
pub(super) fn column_text(file: &Hdf5, name: &str) -> Result<Vec<String>> {
    let data = file.dataset(name)?;
    if data.shape.len() > 1 {
        let message = format!("the column has {} dimensions", data.shape.len());
        return Err(file.error(name, message, "A column of a table has one value a row."));
    }
    match data.kind()? {
        DType::String | DType::VariableLengthString => data.strings(),
        DType::F32 => Ok(data.f32s()?.iter().map(number32).collect()),
        DType::F64 => Ok(data.f64s()?.iter().map(number64).collect()),
        DType::Enum(names) => flags(&data, &names),
        _ => Ok(data.i64s()?.iter().map(ToString::to_string).collect()),
    }
}

/// An enumeration, which is how truth values are stored.
fn flags(data: &Data, names: &[String]) -> Result<Vec<String>> {
    let truth = names.len() == 2 && names[0] == "FALSE" && names[1] == "TRUE";
    let text = |byte: &u8| match (truth, *byte) {
        (true, 0) => "False".to_owned(),
        (true, _) => "True".to_owned(),
        (false, code) => code.to_string(),
    };
    Ok(data.raw()?.iter().map(text).collect())
}

fn number32(value: &f32) -> String {
    if value.is_nan() {
        String::new()
    } else {
        value.to_string()
    }
}

fn number64(value: &f64) -> String {
    if value.is_nan() {
        String::new()
    } else {
        value.to_string()
    }
}

impl Records {
    fn field(&self, name: &str) -> Option<(usize, &Datatype)> {
        let (_, offset, kind) = self.fields.iter().find(|(field, ..)| field == name)?;
        Some((*offset, kind))
    }

    fn is_integer(&self, name: &str) -> bool {
        matches!(self.field(name), Some((_, Datatype::FixedPoint { .. })))
    }

    /// A field of every record as text; `None` if its type is not one of a column.
    fn column(&self, name: &str) -> Option<Vec<String>> {
        let (offset, kind) = self.field(name)?;
        self.bytes
            .chunks_exact(self.size)
            .map(|record| cell(record.get(offset..)?, kind))
            .collect()
    }
}

/// One cell of a record, `bytes` starting where it starts.
fn cell(bytes: &[u8], kind: &Datatype) -> Option<String> {
    let ordered = |size: u32, order: &DatatypeByteOrder| -> Option<Vec<u8>> {
        let mut own = bytes.get(..size as usize)?.to_vec();
        if *order == DatatypeByteOrder::BigEndian {
            own.reverse();
        }
        Some(own)
    };
    match kind {
        Datatype::String { size, .. } => {
            let own = bytes.get(..*size as usize)?;
            let end = own.iter().position(|byte| *byte == 0).unwrap_or(own.len());
            Some(String::from_utf8_lossy(&own[..end]).into_owned())
        }
        Datatype::FixedPoint {
            size,
            byte_order,
            layout,
        } if (1..=8).contains(size) => {
            let own = ordered(*size, byte_order)?;
            let negative = layout.signed && own.last().is_some_and(|byte| byte & 0x80 != 0);
            let mut wide = [if negative { 0xff } else { 0 }; 8];
            wide[..own.len()].copy_from_slice(&own);
            Some(i64::from_le_bytes(wide).to_string())
        }
        Datatype::FloatingPoint {
            size, byte_order, ..
        } => {
            let own = ordered(*size, byte_order)?;
            match size {
                4 => Some(number32(&f32::from_le_bytes(own.try_into().ok()?))),
                8 => Some(number64(&f64::from_le_bytes(own.try_into().ok()?))),
                _ => None,
            }
        }
        Datatype::Enumeration { size: 1, .. } => {
            let truth = if *bytes.first()? == 0 {
                "False"
            } else {
                "True"
            };
            Some(truth.to_owned())
        }
        _ => None,
    }
}
