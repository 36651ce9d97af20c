//! Column mapping: the names and ids that the files of a table have for its columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

const PHYSICAL_NAME: &str = "delta.columnMapping.physicalName";
const FIELD_ID: &str = "delta.columnMapping.id";

/// The columns of a table, in its order, as it names them and as its files do.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// Names of the table. No field has metadata. Whatever the log says, all of them may be null: it is a promise of writers, and
    /// files break it.
    pub(crate) logical: SchemaRef,
    /// Names of the files, for struct fields at every depth; the same types otherwise.
    pub(crate) physical: SchemaRef,
    /// As `physical`, each field with its parquet field id, where files are read by these and not by name.
    pub(crate) by_field_id: Option<SchemaRef>,
}

/// What a field is called.
#[derive(Clone, Copy)]
enum Naming {
    Logical,
    Physical,
    PhysicalWithId,
}

impl Columns {
    /// The columns of `schema`, which has the metadata of the log, under the table's `properties`.
    ///
    /// - **Source:** Delta protocol, "Column Mapping"
    pub(crate) fn new(schema: &Schema, properties: &HashMap<String, String>) -> Self {
        let fields = |naming: Naming| -> SchemaRef {
            Arc::new(Schema::new(schema.fields().iter().map(|f| naming.field(f)).collect::<Vec<_>>()))
        };
        let mode = properties.get("delta.columnMapping.mode").map(|mode| mode.to_lowercase());
        let logical = fields(Naming::Logical);
        let physical = match mode.as_deref() {
            Some("name" | "id") => fields(Naming::Physical),
            _ => Arc::clone(&logical),
        };
        let by_field_id = (mode.as_deref() == Some("id")).then(|| fields(Naming::PhysicalWithId));
        Self { logical, physical, by_field_id }
    }

    /// Name that the files, and the partition values of the log, have for the column `name`.
    pub(crate) fn physical_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.logical.index_of(name).map_or(name, |index| self.physical.field(index).name())
    }
}

impl Naming {
    fn field(self, field: &Field) -> Field {
        let of_log = field.metadata();
        let name = match self {
            Self::Logical => field.name(),
            Self::Physical | Self::PhysicalWithId => of_log.get(PHYSICAL_NAME).unwrap_or(field.name()),
        };
        let named = Field::new(name, self.data_type(field.data_type()), true);
        match (self, of_log.get(FIELD_ID)) {
            (Self::PhysicalWithId, Some(id)) => {
                named.with_metadata(HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.clone())]))
            }
            _ => named,
        }
    }

    /// The type as the engine reads it: strings and binaries plain, timestamps µs in UTC, no metadata that Delta adds.
    fn data_type(self, data_type: &DataType) -> DataType {
        match data_type {
            DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
            DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            DataType::Struct(fields) => DataType::Struct(fields.iter().map(|f| self.field(f)).collect()),
            DataType::List(element) => DataType::List(self.inner(element)),
            DataType::LargeList(element) => DataType::LargeList(self.inner(element)),
            DataType::Map(entries, sorted) => {
                let DataType::Struct(pair) = entries.data_type() else { return data_type.clone() };
                // Only keys are never null.
                let part = |(index, field): (usize, &FieldRef)| {
                    self.inner(field).as_ref().clone().with_nullable(index > 0)
                };
                let pair: Fields = pair.iter().enumerate().map(part).collect();
                let entries = Field::new(entries.name(), DataType::Struct(pair), entries.is_nullable());
                DataType::Map(Arc::new(entries), *sorted)
            }
            other => other.clone(),
        }
    }

    /// Elements, keys and values have no name of their own: files find them by where they stand.
    fn inner(self, field: &Field) -> FieldRef {
        Arc::new(Field::new(field.name(), self.data_type(field.data_type()), true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, id: &str, data_type: DataType) -> Field {
        let metadata = [(PHYSICAL_NAME, format!("p-{name}")), (FIELD_ID, id.to_owned())];
        Field::new(name, data_type, true)
            .with_metadata(metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn columns(mode: &str) -> Columns {
        let inner = DataType::Struct(vec![field("x", "3", DataType::Utf8View)].into());
        let list = DataType::List(Arc::new(Field::new("element", inner, true)));
        let schema = Schema::new(vec![field("a", "1", DataType::Int64), field("list", "2", list)]);
        Columns::new(&schema, &HashMap::from([("delta.columnMapping.mode".to_owned(), mode.to_owned())]))
    }

    fn nested(schema: &Schema) -> Field {
        let DataType::List(element) = schema.field(1).data_type() else { panic!("{schema}") };
        let DataType::Struct(fields) = element.data_type() else { panic!("{schema}") };
        fields[0].as_ref().clone()
    }

    #[test]
    fn fields_at_every_depth_have_their_physical_names() {
        let columns = columns("name");
        assert_eq!(columns.physical_name("a"), "p-a");
        assert_eq!(nested(&columns.physical), Field::new("p-x", DataType::Utf8, true));
        assert_eq!(nested(&columns.logical), Field::new("x", DataType::Utf8, true));
        assert!(columns.by_field_id.is_none());
    }

    #[test]
    fn ids_are_given_only_where_files_are_read_by_them() {
        let by_id = columns("id").by_field_id.unwrap();
        let id = |field: &Field| field.metadata().get(PARQUET_FIELD_ID_META_KEY).cloned();
        assert_eq!((id(by_id.field(0)), id(&nested(&by_id))), (Some("1".to_owned()), Some("3".to_owned())));
    }

    #[test]
    fn names_that_are_left_over_from_a_mapping_mean_nothing_without_it() {
        assert_eq!(columns("none").physical_name("a"), "a");
    }
}
