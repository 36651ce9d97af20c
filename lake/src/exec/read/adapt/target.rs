//! What a column of a table is to be read as, down to its parts.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use goldsmith_sql::spelling::fold;
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

use super::{Misread, leaf};

/// A column, field, element, key or value of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Target {
    /// Its name, for people with the names of what it is in.
    path: String,
    name: String,
    data_type: DataType,
    /// Its parquet field id, where it is found by this.
    id: Option<String>,
    /// Fields of a struct; the element of a list; key and value of a map.
    children: Vec<Self>,
}

impl Target {
    /// `field`, whose ids are those of `with_id`.
    pub(super) fn of(field: &Field, with_id: Option<&Field>) -> Self {
        Self::below("", field, with_id)
    }

    fn below(path: &str, field: &Field, with_id: Option<&Field>) -> Self {
        let path = if path.is_empty() { field.name().clone() } else { format!("{path}.{}", field.name()) };
        let inner = parts(field.data_type());
        let ids: Vec<&FieldRef> = with_id.map(|with_id| parts(with_id.data_type())).unwrap_or_default();
        let children = inner
            .iter()
            .enumerate()
            .map(|(index, part)| Self::below(&path, part, ids.get(index).map(|field| field.as_ref())))
            .collect();
        Self {
            path,
            name: field.name().clone(),
            data_type: field.data_type().clone(),
            id: with_id.and_then(|field| field.metadata().get(PARQUET_FIELD_ID_META_KEY).cloned()),
            children,
        }
    }

    pub(super) const fn data_type(&self) -> &DataType {
        &self.data_type
    }

    pub(super) fn children(&self) -> &[Self] {
        &self.children
    }

    pub(super) fn misread(&self, reason: impl Into<String>) -> Misread {
        Misread { column: self.path.clone(), reason: reason.into() }
    }

    /// Where it is among the fields of a file, by its id or by its name; `siblings` are all that the table has there.
    ///
    /// Names are compared as Spark compares them, without their case. Of two fields with one name in this sense none can be
    /// chosen, unless the table tells them apart as well.
    pub(super) fn find(&self, fields: &Fields, siblings: &[Self]) -> Result<Option<usize>, Misread> {
        if let Some(id) = &self.id {
            let id_of = |field: &FieldRef| field.metadata().get(PARQUET_FIELD_ID_META_KEY).cloned();
            // Spark does not look at names then, not even at those of fields without an id.
            return Ok(fields.iter().position(|field| id_of(field).as_ref() == Some(id)));
        }
        let folded = fold(&self.name);
        if siblings.iter().filter(|other| fold(&other.name) == folded).count() > 1 {
            return Ok(fields.iter().position(|field| *field.name() == self.name));
        }
        let mut found = fields.iter().enumerate().filter(|(_, field)| fold(field.name()) == folded);
        let first = found.next();
        match (first, found.next()) {
            (Some((_, one)), Some((_, other))) => {
                Err(self.misread(format!("is there twice, as `{}` and as `{}`", one.name(), other.name())))
            }
            (first, _) => Ok(first.map(|(index, _)| index)),
        }
    }

    /// Whether a part of it is found by its id: parts of the same type may have others.
    pub(super) fn has_ids_inside(&self) -> bool {
        self.children.iter().any(|child| child.id.is_some() || child.has_ids_inside())
    }

    /// Whether a file that has this as `found` has anything of it.
    ///
    /// Of a struct without any field that the table has Spark sees nothing, not even which of its values are null, and so it is
    /// with an array of such, and a struct of nothing but such.
    pub(super) fn is_there(&self, found: &DataType) -> bool {
        match (leaf::plain(found), &self.data_type) {
            (DataType::Struct(fields), DataType::Struct(wanted)) => {
                let there = |child: &Self| {
                    let index = child.find(fields, &self.children).ok().flatten();
                    index.is_some_and(|index| child.is_there(fields[index].data_type()))
                };
                wanted.is_empty() || self.children.iter().any(there)
            }
            (
                DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _),
                DataType::List(_) | DataType::LargeList(_),
            ) => self.children.iter().all(|child| child.is_there(element.data_type())),
            _ => true,
        }
    }

    /// Whether a value of the type `found` can be read as this at all.
    pub(super) fn check(&self, found: &DataType) -> Result<(), Misread> {
        let found = leaf::plain(found);
        match (found, &self.data_type) {
            (DataType::Null, _) => Ok(()),
            (DataType::Struct(fields), DataType::Struct(_)) => {
                self.children.iter().try_for_each(|child| match child.find(fields, &self.children)? {
                    Some(index) => child.check(fields[index].data_type()),
                    None => Ok(()),
                })
            }
            (
                DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::Map(..),
                DataType::List(_) | DataType::LargeList(_) | DataType::Map(..),
            ) if matches!(found, DataType::Map(..)) == matches!(self.data_type, DataType::Map(..)) => {
                let parts = parts(found);
                self.children.iter().zip(parts).try_for_each(|(child, part)| child.check(part.data_type()))
            }
            (found, wanted) if leaf::is_readable(found, wanted) => Ok(()),
            (found, wanted) => {
                Err(self.misread(format!("is {found} there, which is no {wanted}, as the log says")))
            }
        }
    }
}

/// Whether a field with an id is among these, at any depth.
pub(crate) fn any_has_id(fields: &Fields) -> bool {
    fields.iter().any(|field| {
        field.metadata().contains_key(PARQUET_FIELD_ID_META_KEY)
            || parts(field.data_type()).into_iter().any(|part| any_has_id(&[Arc::clone(part)].into()))
    })
}

/// The parts of a type: fields, the element, or key and value.
pub(super) fn parts(data_type: &DataType) -> Vec<&FieldRef> {
    match data_type {
        DataType::Struct(fields) => fields.iter().collect(),
        DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _) => {
            vec![element]
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) => pair.iter().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
