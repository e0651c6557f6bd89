//! Names of classes of objects that attacks use, and of the controls that forms are made of.
//!
//! Each list says where its identifiers are from. Two sources stand behind every one of the second and third list;
//! what is only in `clsid.py` is in the first.

/// From `clsid.py` of oletools (0.60.2), with the exploits that it names.
///
/// It has the classes of Sound Recorder (00020C01, 0003000D) and Media Player (00022601 to 00022603, 0003000E), as the
/// sources of these programs name them, as packages that may hold any file. `0004A6B0` is marked there as to be
/// confirmed, and no other list that names it has it from elsewhere.
const OF_OLETOOLS: &[(&str, &str)] = &[
    ("00000300-0000-0000-C000", "OLE link"),
    ("00000303-0000-0000-C000", "file moniker"),
    ("00000304-0000-0000-C000", "item moniker"),
    ("00000305-0000-0000-C000", "anti-moniker"),
    ("00000306-0000-0000-C000", "pointer moniker"),
    ("00000308-0000-0000-C000", "packager moniker"),
    ("00000309-0000-0000-C000", "composite moniker"),
    ("0000031A-0000-0000-C000", "class moniker"),
    ("79EAC9E0-BAF9-11CE-8C82-00AA004BA90B", "URL moniker"),
    ("06290BD2-48AA-11D2-8432-006008C3FBFC", "scriptlet file"),
    ("06290BD3-48AA-11D2-8432-006008C3FBFC", "script moniker"),
    ("3050F4D8-98B5-11CF-BB82-00AA00BDCE0B", "HTML application"),
    ("ECABB0C7-7F19-11D2-978E-0000F8757E2A", "SOAP moniker"),
    ("ECABAFC6-7F19-11D2-978E-0000F8757E2A", "new moniker"),
    ("0002CE02-0000-0000-C000", "Equation Editor 3.0"),
    ("00021700-0000-0000-C000", "Equation Editor 2.0"),
    ("0003000B-0000-0000-C000", "Equation Editor 1.0"),
    ("0004A6B0-0000-0000-C000", "Equation Editor"),
    ("0002CE03-0000-0000-C000", "MathType"),
    ("0003000C-0000-0000-C000", "OLE package"),
    ("0003000D-0000-0000-C000", "OLE package"),
    ("0003000E-0000-0000-C000", "OLE package"),
    ("00020C01-0000-0000-C000", "OLE package"),
    ("00022601-0000-0000-C000", "OLE package"),
    ("00022602-0000-0000-C000", "OLE package"),
    ("00022603-0000-0000-C000", "OLE package"),
    ("F20DA720-C02F-11CE-927B-0800095AE340", "OLE package"),
    // CVE-2012-0158, CVE-2012-1856, CVE-2014-1761; TabStrip also fills the memory for CVE-2013-3906.
    ("1EFB6596-857C-11D1-B16A-00C0F0283628", "MSCOMCTL control"),
    ("66833FE6-8583-11D1-B16A-00C0F0283628", "MSCOMCTL control"),
    ("9181DC5F-E07D-418A-ACA6-8EEA1ECB8E9E", "MSCOMCTL control"),
    ("996BF5E0-8044-4650-ADEB-0B013914E99C", "MSCOMCTL control"),
    ("BDD1F04B-858B-11D1-B16A-00C0F0283628", "MSCOMCTL control"),
    ("C74190B6-8589-11D1-B16A-00C0F0283628", "MSCOMCTL control"),
    ("DD9DA666-8594-11D1-B16A-00C0F0283628", "MSCOMCTL control"),
    ("D27CDB6E-AE6D-11CF-96B8-444553540000", "Flash"),
    ("D27CDB70-AE6D-11CF-96B8-444553540000", "Flash"),
    ("233C1507-6A77-46A4-9443-F871F945D258", "Shockwave"),
    ("DFEAF541-F3E1-4C24-ACAC-99C30715084A", "Silverlight"),
    // CVE-2015-0097.
    ("0E59F1D5-1FBE-11D0-8FF2-00A0D10038BC", "ScriptControl"),
    ("00000535-0000-0010-8000-00AA006D2EA4", "ADODB.Recordset"),
    // Libraries at a known place in memory.
    ("05741520-C4EB-440A-AC3F-9643BBC9F847", "otkloadr"),
    ("A08A033D-1A75-4AB6-A166-EAD02F547959", "otkloadr"),
    ("3018609E-CDBC-47E8-A255-809D46BAA319", "SSCE listener"),
    // CVE-2015-1642, CVE-2015-2424.
    ("44F9A03B-A3EC-4F3B-9364-08E0007F21DF", "Control.TaskSymbol"),
    // CVE-2015-1770.
    ("33BD73C2-7BB4-48F4-8DBC-82B8B313AE16", "osf.Sandbox"),
    ("3BA59FA5-41BF-4820-98E4-04645A806698", "osf.Sandbox"),
    ("CDDBCC7C-BE18-4A58-9CBF-D62A012272CE", "osf.Sandbox"),
    // Libraries that are looked for in the folder of the document: CVE-2015-6128, CVE-2016-0042, CVE-2021-27058.
    ("14CE31DC-ABC2-484C-B061-CF3416AED8FF", "loader of WUAEXT.DLL"),
    ("D93CE8B5-3BF8-462C-A03F-DED2730078BA", "loader of WUAEXT.DLL"),
    ("394C052E-B830-11D0-9A86-00C04FD8DBF7", "loader of ELSEXT.DLL"),
    ("975797FC-4E2A-11D0-B702-00C04FD8DBF7", "loader of ELSEXT.DLL"),
    ("E8CC4CBF-FDFF-11D0-B865-00A0C9081C1D", "loader of OCI.DLL"),
    ("ECABAFC9-7F19-11D2-978E-0000F8757E2A", "loader of MQRT.DLL"),
    ("1461A561-24E8-4BA3-8D4A-FFEEF980556B", "loader of an Office add-in"),
    ("6AD4AE40-2FF1-4D88-B27A-F76FC7B40440", "loader of an Office add-in"),
    ("799ED9EA-FB5E-11D1-B7D6-00C04FC2AAE2", "loader of an Office add-in"),
    ("23CE100B-1390-49D6-BA00-F17D3AEE149C", "loader of an Office add-in"),
    ("8627E73B-B5AA-4643-A3B0-570EDA17E3E7", "loader of an Office add-in"),
    ("CCD068CD-1260-4AEA-B040-A87974EB3AEF", "loader of an Office add-in"),
    ("CDF1C8AA-2D25-43C7-8AFE-01F73A3C66DA", "loader of an Office add-in"),
    ("D50FED35-0A08-4B17-B3E0-A8DD0EDE375D", "loader of an Office add-in"),
    ("ECF44975-786E-462F-B02A-CBCCB1A2C4A2", "loader of an Office add-in"),
    ("F959DBBB-3867-41F2-8E5F-3B8BEFAA81B3", "loader of an Office add-in"),
    ("29131539-2EED-1069-BF5D-00DD011186B7", "loader of NLSXBE.DLL"),
    ("9C38ED61-D565-4728-AEEE-C80952F0ECDE", "Virtual Disk Service loader"),
    ("DF630910-1C1D-11D0-AE36-8C0F5E000000", "loader of Python"),
    ("C08AFD90-F2A1-11D1-8455-00A0C91F3880", "ShellBrowserWindow"),
    ("0D43FE01-F093-11CF-8940-00A0C9054228", "FileSystemObject"),
    ("0CF774D0-F077-11D1-B1BC-00C04F86C324", "HTML encoder"),
    ("85131630-480C-11D2-B1F9-00C04F86C324", "JScript encoder"),
    ("85131631-480C-11D2-B1F9-00C04F86C324", "VBScript encoder"),
    ("00021401-0000-0000-C000", "shell link"),
];

/// Browsers, script engines and shells: declarations of `mshtml`, `exdisp`, `activscp`, `shldisp` and the Windows
/// Script Host as programs that call them have them; the engines also in `clsid.py`.
const OF_WINDOWS: &[(&str, &str)] = &[
    ("25336920-03F9-11CF-8FD0-00AA00686F13", "HTML document"),
    ("8856F961-340A-11D0-A96B-00C04FD705A2", "web browser control"),
    ("EAB22AC3-30C1-11CF-A7EB-0000C05BAE0B", "web browser control"),
    ("0002DF01-0000-0000-C000", "Internet Explorer"),
    ("F414C260-6AC0-11CF-B6D1-00AA00BBBB58", "JScript"),
    ("F414C262-6AC0-11CF-B6D1-00AA00BBBB58", "encoded JScript"),
    ("B54F3741-5B07-11CF-A4B0-00AA004A55E8", "VBScript"),
    ("B54F3743-5B07-11CF-A4B0-00AA004A55E8", "encoded VBScript"),
    ("72C24DD5-D70A-438B-8A42-98424B88AFB8", "WScript.Shell"),
    ("F935DC22-1CF0-11D0-ADB9-00C04FD58A0B", "WScript.Shell"),
    ("13709620-C279-11CE-A49E-444553540000", "Shell.Application"),
    ("9BA05972-F6A8-11CF-A442-00A0C90A8F39", "ShellWindows"),
];

/// Controls of Microsoft Forms 2.0, as imports of its type library have them; those without `HTML` also in the
/// import filters of LibreOffice.
const OF_FORMS: &[(&str, &str)] = &[
    ("C62A69F0-16DC-11CE-9E98-00AA00574A4F", "Forms.Form.1"),
    ("5512D110-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Submitbutton.1"),
    ("5512D112-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Image.1"),
    ("5512D114-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Reset.1"),
    ("5512D116-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Checkbox.1"),
    ("5512D118-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Option.1"),
    ("5512D11A-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Text.1"),
    ("5512D11C-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Hidden.1"),
    ("5512D11E-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Password.1"),
    ("5512D122-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:Select.1"),
    ("5512D124-5CC6-11CF-8D67-00AA00BDCE1D", "Forms.HTML:TextArea.1"),
    ("DFD181E0-5E2F-11CE-A449-00AA004A803D", "Forms.ScrollBar.1"),
    ("79176FB0-B7F2-11CE-97EF-00AA006D2776", "Forms.SpinButton.1"),
    ("6E182020-F460-11CE-9BCD-00AA00608E01", "Forms.Frame.1"),
    ("EAE50EB0-4A62-11CE-BED6-00AA00611080", "Forms.TabStrip.1"),
    ("46E31370-3F7A-11CE-BED6-00AA00611080", "Forms.MultiPage.1"),
    ("8BD21D10-EC42-11CE-9E0D-00AA006002F3", "Forms.TextBox.1"),
    ("8BD21D20-EC42-11CE-9E0D-00AA006002F3", "Forms.ListBox.1"),
    ("8BD21D30-EC42-11CE-9E0D-00AA006002F3", "Forms.ComboBox.1"),
    ("8BD21D40-EC42-11CE-9E0D-00AA006002F3", "Forms.CheckBox.1"),
    ("8BD21D50-EC42-11CE-9E0D-00AA006002F3", "Forms.OptionButton.1"),
    ("8BD21D60-EC42-11CE-9E0D-00AA006002F3", "Forms.ToggleButton.1"),
    ("D7053240-CE69-11CD-A777-00DD01143C57", "Forms.CommandButton.1"),
    ("978C9E23-D4B0-11CE-BF2D-00AA003F40D0", "Forms.Label.1"),
    ("4C599241-6926-101B-9992-00000B65C6F9", "Forms.Image.1"),
];

/// The name of a class, told by how its identifier begins, in capitals and without brackets.
pub(super) fn name(class: &str) -> Option<&'static str> {
    let mut known = OF_OLETOOLS.iter().chain(OF_WINDOWS).chain(OF_FORMS);
    known.find(|(start, _)| class.starts_with(start)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_as_classes_are_and_stand_once() {
        let all: Vec<_> = OF_OLETOOLS.iter().chain(OF_WINDOWS).chain(OF_FORMS).collect();
        for (index, (start, _)) in all.iter().enumerate() {
            let lengths: Vec<_> = start.split('-').map(str::len).collect();
            let whole = "0000-C000" == &start[start.len() - 9..];
            assert_eq!(lengths, if whole { vec![8, 4, 4, 4] } else { vec![8, 4, 4, 4, 12] }, "{start}");
            assert!(start.chars().all(|letter| matches!(letter, '0'..='9' | 'A'..='F' | '-')), "{start}");
            assert!(all[..index].iter().all(|(other, _)| !other.starts_with(start)), "{start} stands twice");
        }
    }
}
