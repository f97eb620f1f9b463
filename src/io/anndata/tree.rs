//! The elements of AnnData as a tree, and the two ways it gets into a file.

use super::Dense;
use crate::io::{Column, Columns};
use hdf5_pure::{
    AttrValue, DatasetBuilder, Datatype, EnumTypeBuilder, Error, File, FileBuilder, GroupBuilder,
    make_i8_type,
};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

type Attributes = Vec<(&'static str, AttrValue)>;

/// The attributes that say what an element is.
pub(super) fn encoding(kind: &str, version: &str) -> Attributes {
    let text = |text: &str| AttrValue::VarLenString(text.to_owned());
    vec![
        ("encoding-type", text(kind)),
        ("encoding-version", text(version)),
    ]
}

/// An element: a group or an array.
pub(super) enum Node<'a> {
    Group(Attributes, Vec<(String, Node<'a>)>),
    Array(Attributes, Array<'a>),
}

/// The numbers or texts of an array; a scalar has an empty shape.
pub(super) enum Array<'a> {
    F32(&'a [f32], [u64; 2]),
    F32s(Vec<f32>),
    F64s(Vec<f64>),
    I64s(Vec<i64>),
    I32s(Vec<i32>),
    Flags(Vec<bool>),
    Texts(Vec<Cow<'a, str>>),
    F64(f64),
    I64(i64),
    Flag(bool),
    Text(String),
}

impl<'a> Node<'a> {
    fn array(array: Array<'a>) -> Self {
        let kind = match array {
            Array::Texts(_) => "string-array",
            Array::Text(_) => "string",
            Array::F64(_) | Array::I64(_) | Array::Flag(_) => "numeric-scalar",
            _ => "array",
        };
        Self::Array(encoding(kind, "0.2.0"), array)
    }

    /// Texts by name.
    fn texts(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::array(Array::Texts(texts.into_iter().map(Cow::Borrowed).collect()))
    }

    pub fn dict(members: Vec<(String, Node<'a>)>) -> Self {
        Self::Group(encoding("dict", "0.1.0"), members)
    }

    /// Adds a member to a group.
    pub fn push(&mut self, name: &str, node: Node<'a>) {
        if let Self::Group(_, members) = self {
            members.push((name.to_owned(), node));
        }
    }

    pub fn matrix(matrix: Dense<'a>, rows: usize) -> Self {
        let shape = [rows as u64, matrix.columns as u64];
        Self::array(Array::F32(matrix.values, shape))
    }

    pub fn csr(matrix: Dense<'a>, rows: usize) -> Self {
        let (mut data, mut indices, mut starts) = (Vec::new(), Vec::new(), vec![0]);
        for row in 0..rows {
            let values = &matrix.values[row * matrix.columns..][..matrix.columns];
            for (column, value) in values
                .iter()
                .enumerate()
                .filter(|(_, value)| **value != 0.0)
            {
                data.push(*value);
                indices.push(column as i32);
            }
            starts.push(data.len() as i64);
        }
        let mut attributes = encoding("csr_matrix", "0.1.0");
        let shape = vec![rows as i64, matrix.columns as i64];
        attributes.push(("shape", AttrValue::I64Array(shape)));
        let parts = vec![
            ("data".to_owned(), Self::array(Array::F32s(data))),
            ("indices".to_owned(), Self::array(Array::I32s(indices))),
            ("indptr".to_owned(), Self::array(Array::I64s(starts))),
        ];
        Self::Group(attributes, parts)
    }

    /// A data frame. Texts that repeat are stored as categories, as anndata does.
    pub fn frame(table: &'a Columns) -> Self {
        let mut attributes = encoding("dataframe", "0.2.0");
        attributes.push(("_index", AttrValue::VarLenString("_index".to_owned())));
        let names: Vec<String> = table.columns().iter().map(|(name, _)| key(name)).collect();
        attributes.push((
            "column-order",
            match names.is_empty() {
                true => AttrValue::F64Array(Vec::new()),
                false => AttrValue::VarLenStringArray(names.clone()),
            },
        ));
        let index = Self::texts(table.rows().iter().map(String::as_str));
        let mut members = vec![("_index".to_owned(), index)];
        for (name, (_, column)) in names.into_iter().zip(table.columns()) {
            members.push((name, Self::column(column)));
        }
        Self::Group(attributes, members)
    }

    fn column(column: &'a Column) -> Self {
        match column {
            Column::Number(values) => Self::array(Array::F64s(values.clone())),
            Column::Whole(values) => Self::array(Array::I64s(values.clone())),
            Column::Flag(values) => Self::array(Array::Flags(values.clone())),
            Column::Text(values) => {
                let mut categories: Vec<&str> = values.iter().map(String::as_str).collect();
                categories.retain(|value| !value.is_empty());
                categories.sort_unstable();
                categories.dedup();
                if categories.len() < values.len() && !categories.is_empty() {
                    Self::categorical(values, categories)
                } else {
                    Self::texts(values.iter().map(String::as_str))
                }
            }
        }
    }

    /// An empty text has no category (code -1).
    fn categorical(values: &'a [String], categories: Vec<&'a str>) -> Self {
        let places: HashMap<&str, i32> = categories.iter().copied().zip(0..).collect();
        let code = |value: &String| places.get(value.as_str()).copied().unwrap_or(-1);
        let codes = values.iter().map(code).collect();
        let mut attributes = encoding("categorical", "0.2.0");
        attributes.push(("ordered", AttrValue::I8(0)));
        let parts = vec![
            ("categories".to_owned(), Self::texts(categories)),
            ("codes".to_owned(), Self::array(Array::I32s(codes))),
        ];
        Self::Group(attributes, parts)
    }

    /// JSON as anndata has it in `uns`: objects are groups, lists of one kind arrays, other lists
    /// their JSON text; null is left out.
    pub fn json(value: &Value) -> Self {
        Self::from_json(value).unwrap_or_else(|| Self::dict(Vec::new()))
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(flag) => Self::array(Array::Flag(*flag)),
            Value::Number(number) => Self::array(match number.as_i64() {
                Some(whole) => Array::I64(whole),
                None => Array::F64(number.as_f64()?),
            }),
            Value::String(text) => Self::array(Array::Text(text.clone())),
            Value::Array(items) => {
                let all = |kind: fn(&Value) -> bool| items.iter().all(kind);
                Self::array(if all(Value::is_string) {
                    let texts = items.iter().filter_map(Value::as_str);
                    Array::Texts(texts.map(|text| Cow::Owned(text.to_owned())).collect())
                } else if all(Value::is_i64) {
                    Array::I64s(items.iter().filter_map(Value::as_i64).collect())
                } else if all(Value::is_number) {
                    Array::F64s(items.iter().filter_map(Value::as_f64).collect())
                } else {
                    Array::Text(value.to_string())
                })
            }
            Value::Object(members) => Self::dict(
                members
                    .iter()
                    .filter_map(|(name, value)| Some((key(name), Self::from_json(value)?)))
                    .collect(),
            ),
        })
    }

    /// Puts the element into a new file.
    pub fn build(&self, file: &mut FileBuilder, name: &str) {
        match self {
            Self::Array(attributes, array) => {
                array.fill(attributes, file.create_dataset(name));
            }
            Self::Group(..) => {
                let group = self.group(file.create_group(name));
                file.add_group(group.finish());
            }
        }
    }

    fn group(&self, mut group: GroupBuilder) -> GroupBuilder {
        if let Self::Group(attributes, members) = self {
            for (name, value) in attributes {
                group.set_attr(name, value.clone());
            }
            for (name, member) in members {
                match member {
                    Self::Array(attributes, array) => {
                        array.fill(attributes, group.create_dataset(name));
                    }
                    Self::Group(..) => {
                        let part = member.group(group.create_group(name));
                        group.add_group(part.finish());
                    }
                }
            }
        }
        group
    }
}

/// A name of a member: a slash would be a path.
fn key(name: &str) -> String {
    match name {
        "" | "." => "_".to_owned(),
        "_index" => "index".to_owned(),
        name => name.replace('/', "_"),
    }
}

/// The truth values of h5py.
fn flags() -> Option<Datatype> {
    let kind = EnumTypeBuilder::with_base(make_i8_type());
    kind.value("FALSE", 0).value("TRUE", 1).build().ok()
}

impl Array<'_> {
    fn fill(&self, attributes: &Attributes, dataset: &mut DatasetBuilder) {
        let flag = |values: Vec<u8>, dataset: &mut DatasetBuilder| match flags() {
            Some(kind) => drop(dataset.with_enum_u8_data(kind, &values)),
            None => drop(dataset.with_u8_data(&values)),
        };
        match self {
            Self::F32(values, shape) => drop(dataset.with_f32_data(values).with_shape(shape)),
            Self::F32s(values) => drop(dataset.with_f32_data(values)),
            Self::F64s(values) => drop(dataset.with_f64_data(values)),
            Self::I64s(values) => drop(dataset.with_i64_data(values)),
            Self::I32s(values) => drop(dataset.with_i32_data(values)),
            Self::Flags(values) => flag(values.iter().map(|v| u8::from(*v)).collect(), dataset),
            Self::Texts(values) => {
                let texts: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
                dataset.with_vlen_strings(&texts);
            }
            Self::F64(value) => drop(dataset.with_f64_data(&[*value]).with_shape(&[])),
            Self::I64(value) => drop(dataset.with_i64_data(&[*value]).with_shape(&[])),
            Self::Flag(value) => {
                flag(vec![u8::from(*value)], dataset);
                dataset.with_shape(&[]);
            }
            Self::Text(value) => drop(dataset.with_vlen_strings(&[value]).with_shape(&[])),
        }
        for (name, value) in attributes {
            dataset.set_attr(name, value.clone());
        }
    }
}

/// Elements staged into an open file.
pub(super) struct Edit<'a> {
    file: &'a File,
}

impl<'a> Edit<'a> {
    pub fn new(file: &'a File) -> Self {
        Self { file }
    }

    /// Makes sure that a group is there.
    pub fn group(&mut self, path: &str) -> Result<(), Error> {
        if self.file.group(path).is_err() {
            self.create(path, &Node::dict(Vec::new()))?;
        }
        Ok(())
    }

    /// Puts an element at a path, in place of what is there.
    pub fn put(&mut self, path: &str, node: &Node) -> Result<(), Error> {
        if self.file.group(path).is_ok() || self.file.dataset(path).is_ok() {
            self.file.root().delete(path)?;
        }
        self.create(path, node)
    }

    fn create(&mut self, path: &str, node: &Node) -> Result<(), Error> {
        match node {
            Node::Array(attributes, array) => {
                let fill = |dataset: &mut DatasetBuilder| array.fill(attributes, dataset);
                self.file.root().create_dataset(path, fill).map(drop)
            }
            Node::Group(attributes, members) => {
                self.file.root().create_group_with(path, |group| {
                    for (name, value) in attributes {
                        group.set_attr(name, value.clone());
                    }
                })?;
                for (name, member) in members {
                    self.create(&format!("{path}/{name}"), member)?;
                }
                Ok(())
            }
        }
    }
}
