//! The names that the JSON has for things of the lower layers.

use crate::base::{Basis, EffectKind, ProblemKind, Stage};
use crate::documents::workbook::PictureKind;
use crate::vba::ModuleKind;

pub(super) fn effect(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Fetch => "fetch",
        EffectKind::Write => "write",
        EffectKind::Run => "run",
        EffectKind::Register => "register",
        EffectKind::Call => "call",
        EffectKind::Inject => "inject",
        EffectKind::Delete => "delete",
        EffectKind::Persist => "persist",
        EffectKind::Hide => "hide",
        EffectKind::Alert => "alert",
        EffectKind::Dde => "dde",
        EffectKind::Check => "check",
        EffectKind::Close => "close",
    }
}

pub(super) fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::SeenInText => "seen_in_text",
        Basis::Evaluated => "evaluated",
    }
}

pub(super) fn problem(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Recovered => "recovered",
        ProblemKind::Abandoned => "abandoned",
        ProblemKind::LimitReached => "limit_reached",
        ProblemKind::NeedsPassword => "needs_password",
        ProblemKind::Unsupported => "unsupported",
    }
}

pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Analyzer => "analyzer",
        Stage::Cfb => "cfb",
        Stage::Biff => "biff",
        Stage::Formula => "formula",
        Stage::Vba => "vba",
        Stage::Xlm => "xlm",
        Stage::Props => "props",
        Stage::Text => "text",
        Stage::Lure => "lure",
        Stage::Pictures => "pictures",
        Stage::Objects => "objects",
        Stage::Archive => "archive",
        Stage::Package => "package",
        Stage::Word => "word",
        Stage::Presentation => "presentation",
        Stage::Rtf => "rtf",
        Stage::TextFormat => "text_format",
        Stage::Mail => "mail",
        Stage::Crypto => "crypto",
        Stage::Indicators => "indicators",
    }
}

pub(super) fn module(kind: ModuleKind) -> &'static str {
    match kind {
        ModuleKind::Procedural => "procedural",
        ModuleKind::Document => "document",
        ModuleKind::Class => "class",
        ModuleKind::Form => "form",
    }
}

pub(super) fn picture(kind: PictureKind) -> &'static str {
    match kind {
        PictureKind::Emf => "emf",
        PictureKind::Wmf => "wmf",
        PictureKind::Pict => "pict",
        PictureKind::Jpeg => "jpeg",
        PictureKind::Png => "png",
        PictureKind::Dib => "dib",
        PictureKind::Tiff => "tiff",
        PictureKind::Gif => "gif",
    }
}
