//! [`DeltaReadExec`] as it travels to executors.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::ipc::convert::{IpcSchemaEncoder, fb_to_schema};
use arrow::ipc::root_as_schema;
use datafusion::common::{Result as DfResult, internal_datafusion_err};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
use goldsmith_proto::id::Version;
use goldsmith_proto::lake::v1::file_vector::Place;
use goldsmith_proto::lake::v1::{DeltaRead, FileVector, VectorFile};
use object_store::path::Path;

use super::{DeletionVector, DeltaReadExec, ReadRules, VectorPlace};

impl DeltaReadExec {
    /// The node without its input, and without vectors of files that its input does not have: each task is sent a plan of
    /// its own, whose scan has a part of the files.
    #[must_use]
    pub fn to_proto(&self) -> DeltaRead {
        let ids = self.rules.field_ids.as_ref();
        let scan = self.scan().ok();
        let scanned: Option<BTreeSet<&Path>> = scan.map(|scan| {
            let files = scan.file_groups.iter().flat_map(|group| group.iter());
            files.map(|file| &file.object_meta.location).collect()
        });
        let vectors = self.rules.vectors.iter();
        let vectors = vectors.filter(|(path, _)| scanned.as_ref().is_none_or(|files| files.contains(path)));
        DeltaRead {
            table: self.rules.table.clone(),
            version: self.rules.version.get(),
            vectors: vectors.map(|(path, vector)| file_vector(path, vector)).collect(),
            field_ids_ipc: ids.map_or_else(Vec::new, |schema| {
                IpcSchemaEncoder::new().schema_to_fb(schema).finished_data().to_vec()
            }),
        }
    }

    /// The node over `input`.
    ///
    /// # Errors
    /// If `node` is not what [`Self::to_proto`] gives.
    pub fn from_proto(node: DeltaRead, input: Arc<dyn ExecutionPlan>) -> DfResult<Self> {
        let field_ids = match node.field_ids_ipc.as_slice() {
            [] => None,
            bytes => {
                let schema = root_as_schema(bytes).map_err(|error| {
                    internal_datafusion_err!("field ids that no goldsmith encoded: {error}")
                })?;
                Some(Arc::new(fb_to_schema(schema)))
            }
        };
        let vectors =
            node.vectors.into_iter().map(|vector| Ok((key(&vector.path)?, deletion_vector(vector)?)));
        let rules = ReadRules {
            table: node.table,
            version: Version::new(node.version),
            vectors: vectors.collect::<DfResult<_>>()?,
            field_ids,
        };
        Ok(Self::new(input, Arc::new(rules)))
    }
}

fn file_vector(path: &Path, vector: &DeletionVector) -> FileVector {
    let place = match &vector.place {
        VectorPlace::Inline(bytes) => Place::Inline(bytes.clone()),
        VectorPlace::File { path, offset, size_bytes } => {
            Place::File(VectorFile { path: path.to_string(), offset: *offset, size_bytes: *size_bytes })
        }
    };
    FileVector { path: path.to_string(), rows: vector.rows, place: Some(place) }
}

fn deletion_vector(vector: FileVector) -> DfResult<DeletionVector> {
    let place = match vector.place {
        Some(Place::Inline(bytes)) => VectorPlace::Inline(bytes),
        Some(Place::File(file)) => {
            VectorPlace::File { path: key(&file.path)?, offset: file.offset, size_bytes: file.size_bytes }
        }
        // To read such a file whole would bring deleted rows back.
        None => return Err(internal_datafusion_err!("a deletion vector without its place")),
    };
    Ok(DeletionVector { rows: vector.rows, place })
}

fn key(path: &str) -> DfResult<Path> {
    Path::parse(path).map_err(|error| DataFusionError::External(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::datasource::listing::PartitionedFile;
    use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
    use datafusion::datasource::source::DataSourceExec;
    use datafusion::execution::object_store::ObjectStoreUrl;
    use datafusion::physical_plan::empty::EmptyExec;
    use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

    use super::*;

    fn input() -> Arc<dyn ExecutionPlan> {
        Arc::new(EmptyExec::new(Arc::new(Schema::empty())))
    }

    #[test]
    fn a_node_comes_back_as_it_was() {
        let id = HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), "3".to_owned())]);
        let schema = Schema::new(vec![Field::new("p", DataType::Int64, true).with_metadata(id)]);
        let file = VectorPlace::File { path: Path::from("t/v.bin"), offset: 1, size_bytes: 40 };
        let rules = ReadRules {
            table: "bronze.t".to_owned(),
            version: Version::new(7),
            vectors: BTreeMap::from([
                (Path::from("t/a.parquet"), DeletionVector { rows: 2, place: file }),
                (
                    Path::from("t/b%20.parquet"),
                    DeletionVector { rows: 1, place: VectorPlace::Inline(vec![7]) },
                ),
            ]),
            field_ids: Some(Arc::new(schema)),
        };
        let node = DeltaReadExec::new(input(), Arc::new(rules));
        let back = DeltaReadExec::from_proto(node.to_proto(), input()).unwrap();
        assert_eq!(back.rules, node.rules);
    }

    #[test]
    fn only_vectors_of_files_that_are_scanned_are_sent() {
        let vector = DeletionVector { rows: 1, place: VectorPlace::Inline(vec![7]) };
        let rules = ReadRules {
            table: "bronze.t".to_owned(),
            version: Version::FIRST,
            vectors: ["a", "b", "c"].map(|path| (Path::from(path), vector.clone())).into(),
            field_ids: None,
        };
        let source = Arc::new(ParquetSource::new(Arc::new(Schema::empty())));
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(
                ["b", "d"].map(|path| FileGroup::new(vec![PartitionedFile::new(path, 1)])).into(),
            )
            .build();
        let sent = DeltaReadExec::new(DataSourceExec::from_data_source(scan), Arc::new(rules)).to_proto();
        assert_eq!(sent.vectors.iter().map(|vector| vector.path.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_vector_without_its_place_is_refused() {
        let vector = FileVector { path: "a".to_owned(), rows: 1, place: None };
        let node = DeltaRead { vectors: vec![vector], ..DeltaRead::default() };
        assert!(DeltaReadExec::from_proto(node, input()).is_err());
    }
}
