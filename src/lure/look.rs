//! The look of a picture as 64 bits.
//!
//! All that the feature `pictures` brings stands here; `no_look.rs` stands in for it.

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::base::{Cx, LimitHit};
use crate::containers::sniff::FileKind;

/// Most bytes of a decoded picture. Those of more are not decoded: twice this and the input stay
/// within the promise about memory.
const DECODED_BYTES: u64 = 8 << 20;
/// The same for progressive JPEG, whose decoder holds three times as much beside.
const PROGRESSIVE_BYTES: u64 = 3 << 20;
/// Most pixels of a side.
const SIDE: u32 = 16_384;

/// The look of a picture: 64 bits, the upper left pair first, set where the right one of two
/// neighbours is lighter. `None` when it cannot be decoded, or is larger than is decoded here.
///
/// # Errors
/// [`LimitHit`] when the steps or the bytes do not last.
pub fn dhash(bytes: &[u8], kind: FileKind, cx: &mut Cx<'_>) -> Result<Option<u64>, LimitHit> {
    let format = match kind {
        FileKind::Png => ImageFormat::Png,
        FileKind::Jpeg => ImageFormat::Jpeg,
        FileKind::Gif => ImageFormat::Gif,
        FileKind::Bmp => ImageFormat::Bmp,
        FileKind::Tiff => ImageFormat::Tiff,
        _ => return Ok(None),
    };
    cx.budget.touch(bytes.len())?;
    let progressive = kind == FileKind::Jpeg && bytes.windows(2).any(|mark| mark == [0xFF, 0xC2]);
    let most = if progressive { PROGRESSIVE_BYTES } else { DECODED_BYTES };
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(most);
    let mut reader = ImageReader::with_format(std::io::Cursor::new(bytes), format);
    reader.limits(limits);
    let Ok(decoder) = reader.into_decoder() else { return Ok(None) };
    let size = decoder.total_bytes();
    if size > most {
        return Ok(None);
    }
    cx.budget.own(size)?;
    cx.budget.touch(usize::try_from(size).unwrap_or(usize::MAX).saturating_mul(4))?;
    let Ok(picture) = DynamicImage::from_decoder(decoder) else { return Ok(None) };
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Ok(match &picture {
        DynamicImage::ImageLuma8(pixels) => gradient(width, height, pixels.as_raw(), [1]),
        DynamicImage::ImageLumaA8(pixels) => gradient(width, height, pixels.as_raw(), [1, 0]),
        DynamicImage::ImageRgb8(pixels) => gradient(width, height, pixels.as_raw(), LUMA),
        DynamicImage::ImageRgba8(pixels) => {
            let [red, green, blue] = LUMA;
            gradient(width, height, pixels.as_raw(), [red, green, blue, 0])
        }
        _ => gradient(width, height, picture.into_luma8().as_raw(), [1]),
    })
}

/// How much red, green and blue make of the lightness, in ten thousandths (ITU-R BT.709).
const LUMA: [u64; 3] = [2126, 7152, 722];

/// The gradient of a picture, from top to bottom, a byte for each of its channels; `weights` says how
/// much each adds to the lightness of a pixel.
fn gradient<const CHANNELS: usize>(
    width: usize,
    height: usize,
    bytes: &[u8],
    weights: [u64; CHANNELS],
) -> Option<u64> {
    const COLUMNS: usize = 9;
    const ROWS: usize = 8;
    let (pixels, _) = bytes.as_chunks::<CHANNELS>();
    if width < COLUMNS || height < ROWS || pixels.len() < width.checked_mul(height)? {
        return None;
    }
    // Where the columns begin, and the end of the last: the least x with x * COLUMNS / width >= column.
    let begin = |column: usize| column.saturating_mul(width).div_ceil(COLUMNS);
    let mut sums = [[0_u64; COLUMNS]; ROWS];
    let mut counts = [[0_u64; COLUMNS]; ROWS];
    for (y, line) in pixels.chunks_exact(width).take(height).enumerate() {
        let row = y.saturating_mul(ROWS).checked_div(height)?;
        let cells = sums.get_mut(row)?.iter_mut().zip(counts.get_mut(row)?);
        for (column, (sum, count)) in cells.enumerate() {
            let stretch = line.get(begin(column)..begin(column.saturating_add(1)))?;
            let mut channels = [0_u64; CHANNELS];
            for pixel in stretch {
                for (sum, value) in channels.iter_mut().zip(pixel) {
                    // As many bytes as fit into memory do not come near the end of the number.
                    *sum = sum.wrapping_add(u64::from(*value));
                }
            }
            let light = channels.iter().zip(weights).map(|(channel, weight)| channel.saturating_mul(weight));
            *sum = light.fold(*sum, u64::saturating_add);
            *count = count.saturating_add(stretch.len() as u64);
        }
    }
    let mut hash = 0_u64;
    for (sums, counts) in sums.iter().zip(&counts) {
        let scale = weights.iter().sum();
        let mean = |at: usize| {
            let count = counts.get(at).copied().unwrap_or(0).saturating_mul(scale);
            sums.get(at).copied().unwrap_or(0).checked_div(count)
        };
        for at in 1..COLUMNS {
            let lighter = mean(at) > mean(at.saturating_sub(1));
            hash = hash << 1 | u64::from(lighter);
        }
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::PartId;
    use crate::lure::pictures::ALIKE_BITS;

    #[test]
    fn look_is_the_gradient_of_nine_by_eight_means() {
        // Lighter to the right in the upper half, darker in the lower.
        let pixels: Vec<u8> = (0..36 * 16)
            .map(|at| {
                let (x, y) = (at % 36, at / 36);
                if y < 8 { (x * 7) as u8 } else { (255 - x * 7) as u8 }
            })
            .collect();
        assert_eq!(gradient(36, 16, &pixels, [1]), Some(0xFFFF_FFFF_0000_0000));
        assert_eq!(gradient(8, 16, &pixels, [1]), None);
        // The same in red, with a channel that does not count.
        let coloured: Vec<u8> = pixels.iter().flat_map(|red| [*red, 0, 0, 255 - *red]).collect();
        assert_eq!(gradient(36, 16, &coloured, [2126, 7152, 722, 0]), Some(0xFFFF_FFFF_0000_0000));
    }

    #[test]
    fn picture_scaled_or_with_other_pixels_has_nearly_the_same_look() {
        use crate::base::{Budget, Limits, Problems, Stage};
        use image::{DynamicImage, GrayImage, ImageFormat, Luma};
        let draw = |width: u32, height: u32, add: u8| {
            let picture = GrayImage::from_fn(width, height, |x, y| {
                let (x, y) = (x * 90 / width, y * 64 / height);
                Luma([((x * x + y * 37) % 211) as u8 / 2 + add])
            });
            let mut file = std::io::Cursor::new(Vec::new());
            DynamicImage::from(picture).write_to(&mut file, ImageFormat::Png).unwrap();
            file.into_inner()
        };
        let look = |file: &[u8]| {
            let (mut budget, mut problems) = (Budget::new(&Limits::default()), Problems::default());
            let mut cx =
                Cx { part: PartId(0), stage: Stage::Pictures, budget: &mut budget, problems: &mut problems };
            dhash(file, FileKind::Png, &mut cx).unwrap().unwrap()
        };
        let one = look(&draw(180, 128, 0));
        assert!((one ^ look(&draw(360, 256, 3))).count_ones() <= ALIKE_BITS);
        let mut cut = draw(180, 128, 0);
        cut.truncate(60);
        let (mut budget, mut problems) = (Budget::new(&Limits::default()), Problems::default());
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Pictures, budget: &mut budget, problems: &mut problems };
        assert_eq!(dhash(&cut, FileKind::Png, &mut cx), Ok(None));
    }
}
