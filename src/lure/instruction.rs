//! What words do in an instruction, and what they make together.
//!
//! An instruction asks for an action on an object for a reason. Each part is a [`Role`]; a [`Rule`]
//! joins roles that stand near each other in reading order into another role or into a hit. Roles join
//! across languages, because a lure quotes the buttons of an English Office in every language.

use super::{Certainty, Family};

/// What a word does in an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    /// A button or setting of Office, quoted.
    Label,
    /// "Enable", "allow".
    Enable,
    /// What is enabled.
    Object,
    /// "Click", "press".
    Press,
    /// The bar or button to press.
    Bar,
    /// "Document", "file".
    Document,
    /// "This file": the one that is read.
    ThisFile,
    /// "Protected", "encrypted".
    State,
    /// "The document is protected", whole or composed.
    Sealed,
    /// "Created", "saved".
    Made,
    /// "Earlier version".
    Version,
    /// "Excel", "Microsoft Office".
    Product,
    /// "Created in an earlier version of Office", composed.
    OtherVersion,
    /// "Online viewer", "cannot be previewed".
    WrongViewer,
    /// "To display the contents".
    View,
    /// "Copy", "move".
    Copy,
    /// "Copy the file", whole or composed.
    CopyFile,
    /// "The following folder".
    Folder,
    /// "Run it again", whole or composed.
    Again,
    /// "Open", "run".
    Open,
    /// "Once more", "from there".
    Anew,
    /// "Restart", which may mean the program.
    Restart,
    /// "Relaunch required".
    Relaunch,
    /// "Security policy".
    Policy,
    /// A trusted folder for templates, as a path.
    TemplatesPath,
    /// A folder whose files start with Office, as a path.
    StartupPath,
    /// The folder for templates, in words.
    TemplatesFolder,
    /// A trusted folder in words.
    Trusted,
    /// "If you do not enable": a refusal that is none.
    Threat,
    /// "Do not enable", "attackers", "claims that".
    Caution,
    /// Any pretext, composed.
    Pretext,
    /// "Enable the macros", composed; weaker than a quoted button.
    Loose,
    /// "To view", "to read".
    Show,
    /// A pretext that claims something of the document, composed: more than "to view it".
    Claim,
    /// "Unblock": to take the mark of the web from a file.
    Unblock,
    /// "Properties", where that is done.
    Properties,
    /// "Protected View", "macro settings".
    ProtectedView,
    /// "Turn off", "uncheck".
    Disable,
    /// "To the trusted locations", of something that is added.
    AddTrusted,
    /// "Double-click".
    DoubleClick,
    /// "Picture", "icon".
    Picture,
    /// "Scan".
    Scan,
    /// "QR code".
    Code,
    /// "Do not click links": a warning of something that the instruction does not ask for.
    Aside,
    /// The name of a template or add-in.
    TemplateName,
    /// "Open Word again", composed: the program, not the file.
    ProgramAgain,
    /// A template is put in its place, and the program started again; composed.
    Installing,
    /// "Macros": the object that no form or draft asks to enable.
    Macros,
}

impl Role {
    /// How many there are.
    pub(super) const COUNT: usize = 48;

    /// The role that a data file names, if its words have it themselves.
    pub(super) fn named(name: &str) -> Option<Role> {
        Some(match name {
            "label" => Role::Label,
            "enable" => Role::Enable,
            "object" => Role::Object,
            "press" => Role::Press,
            "bar" => Role::Bar,
            "document" => Role::Document,
            "this-file" => Role::ThisFile,
            "state" => Role::State,
            "sealed" => Role::Sealed,
            "made" => Role::Made,
            "version" => Role::Version,
            "product" => Role::Product,
            "wrong-viewer" => Role::WrongViewer,
            "view" => Role::View,
            "copy" => Role::Copy,
            "copy-file" => Role::CopyFile,
            "folder" => Role::Folder,
            "again" => Role::Again,
            "open" => Role::Open,
            "anew" => Role::Anew,
            "restart" => Role::Restart,
            "relaunch" => Role::Relaunch,
            "policy" => Role::Policy,
            "templates-path" => Role::TemplatesPath,
            "startup-path" => Role::StartupPath,
            "templates-folder" => Role::TemplatesFolder,
            "trusted" => Role::Trusted,
            "threat" => Role::Threat,
            "caution" => Role::Caution,
            "show" => Role::Show,
            "unblock" => Role::Unblock,
            "properties" => Role::Properties,
            "protected-view" => Role::ProtectedView,
            "disable" => Role::Disable,
            "add-trusted" => Role::AddTrusted,
            "double-click" => Role::DoubleClick,
            "picture" => Role::Picture,
            "scan" => Role::Scan,
            "code" => Role::Code,
            "aside" => Role::Aside,
            "template-name" => Role::TemplateName,
            "macros" => Role::Macros,
            _ => return None,
        })
    }
}

/// What roles that stand near each other make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Makes {
    /// Another role.
    Role(Role),
    /// A hit.
    Hit(Family, Certainty),
}

/// Roles that make something when all stand within some letters of folded text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) makes: Makes,
    pub(super) needs: &'static [Role],
    pub(super) within: u32,
}

/// How far apart the parts of one instruction may stand. Distances are in letters of folded text without spaces;
/// one of Chinese, Japanese or Korean, which says more, counts as three.
pub(super) const LURE: u32 = 900;

/// The rules, strongest first within each family.
pub(super) const RULES: &[Rule] = &{
    use Certainty::{Medium, Strong, Weak};
    use Family::{
        EnableContent, LowerProtection, OpenPicture, ProtectedOrOtherVersion,
        RelaunchFromTrustedFolder as Trusting, RelaunchRequired, ScanCode, UnblockFile,
    };
    use Role::{
        AddTrusted, Again, Anew, Bar, Claim, Code, Copy, CopyFile, Disable, Document, DoubleClick, Enable,
        Folder, Installing, Label, Loose, Macros, Made, Object, Open, OtherVersion, Picture, Policy, Press,
        Pretext, Product, ProgramAgain, Properties, ProtectedView, Relaunch, Restart, Scan, Sealed, Show,
        StartupPath, State, TemplateName, TemplatesFolder, TemplatesPath, ThisFile, Threat, Trusted, Unblock,
        Version, View, WrongViewer,
    };
    const fn role(makes: Role, needs: &'static [Role], within: u32) -> Rule {
        Rule { makes: Makes::Role(makes), needs, within }
    }
    const fn hit(family: Family, certainty: Certainty, needs: &'static [Role], within: u32) -> Rule {
        Rule { makes: Makes::Hit(family, certainty), needs, within }
    }
    [
        role(Sealed, &[Document, State], 48),
        role(OtherVersion, &[Made, Version], 64),
        role(OtherVersion, &[Version, Product], 40),
        role(CopyFile, &[Copy, Document], 90),
        role(Again, &[Open, Anew], 24),
        role(ProgramAgain, &[Again, Product], 4),
        role(Installing, &[ProgramAgain, TemplateName], 200),
        role(Trusted, &[TemplatesFolder], 1),
        role(Loose, &[Enable, Object], 40),
        role(View, &[Show, Document], 48),
        role(Claim, &[Sealed], 1),
        role(Claim, &[OtherVersion], 1),
        role(Claim, &[WrongViewer], 1),
        role(Claim, &[Threat, Document], 64),
        role(Pretext, &[Claim], 1),
        role(Pretext, &[View], 1),
        hit(Trusting, Strong, &[TemplatesPath, CopyFile, Again], LURE),
        hit(Trusting, Strong, &[TemplatesFolder, CopyFile, Again, ThisFile], 300),
        hit(Trusting, Strong, &[TemplatesFolder, CopyFile, Again, Claim], 300),
        hit(Trusting, Strong, &[StartupPath, CopyFile, Again, View], LURE),
        hit(Trusting, Strong, &[StartupPath, CopyFile, Again, Policy], LURE),
        hit(Trusting, Strong, &[Trusted, CopyFile, Again, View], LURE),
        hit(Trusting, Strong, &[Trusted, CopyFile, Again, Policy], LURE),
        hit(Trusting, Medium, &[TemplatesPath, CopyFile], LURE),
        hit(Trusting, Medium, &[TemplatesPath, Again], LURE),
        hit(Trusting, Medium, &[StartupPath, CopyFile, Again], LURE),
        hit(Trusting, Medium, &[StartupPath, CopyFile, Restart], LURE),
        hit(Trusting, Medium, &[Trusted, CopyFile, Again], LURE),
        hit(Trusting, Medium, &[CopyFile, Folder, Again, View], 400),
        hit(Trusting, Medium, &[CopyFile, Folder, Again, Policy], 400),
        hit(Trusting, Weak, &[TemplatesPath], 1),
        hit(Trusting, Weak, &[StartupPath], 1),
        hit(Trusting, Weak, &[Trusted, CopyFile], 120),
        hit(Trusting, Weak, &[CopyFile, Folder, Again], 200),
        hit(RelaunchRequired, Strong, &[Relaunch, CopyFile], 400),
        hit(RelaunchRequired, Strong, &[Relaunch, Policy, View], 400),
        hit(RelaunchRequired, Medium, &[Relaunch, Policy], 400),
        hit(RelaunchRequired, Medium, &[Relaunch, View], 400),
        hit(RelaunchRequired, Weak, &[Relaunch], 1),
        hit(EnableContent, Strong, &[Label, Press, Pretext], 500),
        hit(EnableContent, Strong, &[Label, Bar, Pretext], 500),
        hit(EnableContent, Strong, &[Label, Claim], 120),
        hit(EnableContent, Strong, &[Loose, Press, Claim], 400),
        hit(EnableContent, Strong, &[Loose, Bar, Claim], 400),
        hit(EnableContent, Strong, &[Loose, WrongViewer], 120),
        hit(EnableContent, Strong, &[Loose, Macros, Claim], 120),
        hit(EnableContent, Strong, &[Loose, Macros, View], 64),
        hit(EnableContent, Medium, &[Label, Press], 64),
        hit(EnableContent, Medium, &[Label, Bar], 64),
        hit(EnableContent, Medium, &[Label, Pretext], 300),
        hit(EnableContent, Medium, &[Loose, Press, Pretext], 300),
        hit(EnableContent, Medium, &[Loose, Bar, Pretext], 300),
        hit(EnableContent, Weak, &[Label], 1),
        hit(EnableContent, Weak, &[Loose], 1),
        hit(ProtectedOrOtherVersion, Strong, &[Sealed, Label, Press], 500),
        hit(ProtectedOrOtherVersion, Strong, &[OtherVersion, Label, Press], 500),
        hit(ProtectedOrOtherVersion, Strong, &[WrongViewer, Label, Press], 500),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, View], 200),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, WrongViewer], 300),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, OtherVersion], 300),
        hit(ProtectedOrOtherVersion, Medium, &[OtherVersion, WrongViewer], 300),
        hit(ProtectedOrOtherVersion, Medium, &[OtherVersion, View], 200),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, Label], 500),
        hit(ProtectedOrOtherVersion, Medium, &[OtherVersion, Label], 500),
        hit(ProtectedOrOtherVersion, Medium, &[WrongViewer, Label], 500),
        hit(ProtectedOrOtherVersion, Weak, &[Sealed], 1),
        hit(ProtectedOrOtherVersion, Weak, &[OtherVersion], 1),
        hit(ProtectedOrOtherVersion, Weak, &[WrongViewer], 1),
        hit(UnblockFile, Strong, &[Unblock, Properties, Again], 400),
        hit(UnblockFile, Strong, &[Unblock, Properties, Pretext], 400),
        hit(UnblockFile, Medium, &[Unblock, Properties], 120),
        hit(LowerProtection, Strong, &[Disable, ProtectedView, Again], 300),
        hit(LowerProtection, Strong, &[Disable, ProtectedView, Pretext], 300),
        hit(LowerProtection, Strong, &[AddTrusted, Again], 300),
        hit(LowerProtection, Strong, &[AddTrusted, Pretext], 300),
        hit(LowerProtection, Medium, &[Disable, ProtectedView], 64),
        hit(LowerProtection, Weak, &[AddTrusted], 1),
        hit(OpenPicture, Strong, &[DoubleClick, Picture, Pretext], 300),
        hit(OpenPicture, Medium, &[DoubleClick, Picture], 64),
        hit(ScanCode, Strong, &[Scan, Code, Pretext], 300),
        hit(ScanCode, Medium, &[Scan, Code], 64),
    ]
};
