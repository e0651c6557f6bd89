//! Deflate: any bytes make what they make for the crate `miniz_oxide`, and what that compresses comes back.

use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::containers::inflate::{End, Inflated, Wrapping, inflate as inflated};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// What the peer may make of one input.
const MADE: usize = 1 << 20;

/// Reads the bytes behind the first as a stream, and as what a stream is made of. The first byte chooses how it
/// is compressed, and which size is stated.
///
/// # Panics
/// When the peer makes something else, or sees a whole stream where we do not, or what was compressed does not come back.
pub fn inflate(data: &[u8]) {
    let [choice, bytes @ ..] = data else { return };
    let stated = (choice & 0x80 != 0).then_some(u64::from(choice & 0x7F) << 6);
    let mut theirs = vec![0; MADE];
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, _, len) = decompress(&mut DecompressorOxide::new(), bytes, &mut theirs, 0, flags);
    theirs.truncate(len);
    let end = match status {
        TINFLStatus::Done => Some(End::Whole),
        TINFLStatus::FailedCannotMakeProgress => Some(End::CutShort),
        TINFLStatus::Failed => Some(End::Damaged),
        _ => None,
    };
    if let Some(end) = end {
        let (ours, made) = read(bytes, stated);
        // A symbol without a code and one that is cut short are told apart at the very end of the data only.
        assert_eq!(ours.end == End::Whole, end == End::Whole, "{:?}, and {end:?} for the peer", ours.end);
        assert!(made == theirs, "{} bytes, and {} of the peer", made.len(), theirs.len());
    }
    let packed = compress_to_vec(bytes, choice % 11);
    let (ours, made) = read(&packed, stated);
    assert_eq!(ours, Inflated { end: End::Whole, read: packed.len() });
    assert!(made == bytes, "{} bytes of {}", made.len(), bytes.len());
}

fn read(data: &[u8], stated: Option<u64>) -> (Inflated, Vec<u8>) {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
    let mut made = Vec::new();
    let inflated = inflated(data, Wrapping::Raw, stated, &mut made, &mut cx);
    (inflated.expect("a fuzzer's input is within the limits"), made)
}
