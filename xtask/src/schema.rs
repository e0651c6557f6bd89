//! The JSON Schema of the report.

use docsift::report::Report;
use schemars::generate::SchemaSettings;

/// The schema as text.
pub(crate) fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Report>();
    format!("{:#}\n", schema.as_value())
}
