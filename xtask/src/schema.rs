//! The JSON Schemas of the report and of the trace.

use docsift::report::{Report, trace::Trace};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use crate::generated::Generated;

/// The schemas as text.
pub(crate) fn schemas() -> Vec<Generated> {
    vec![
        ("report.schema.json".to_owned(), schema::<Report>()),
        ("trace.schema.json".to_owned(), schema::<Trace>()),
    ]
}

fn schema<T: JsonSchema>() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<T>();
    format!("{:#}\n", schema.as_value())
}
