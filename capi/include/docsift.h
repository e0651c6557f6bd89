/* docsift: says what an Office document would do before anyone opens it. Bytes in, report out.
 *
 * Written by `cargo xtask header` from capi/src; docs/c-api.md is the guide.
 *
 * Results   A function that can fail returns a docsift_result, and writes its outputs only when that is
 *           DOCSIFT_RESULT_OK. A getter returns NULL, 0, or what its comment says. docsift_last_error has
 *           the words.
 * Pointers  A pointer may be NULL only where its comment says so; elsewhere NULL is answered with a
 *           result, and never followed. A pointer that is not NULL must lead to what its type says.
 * Ownership What a function writes through a pointer to a pointer is the caller's, and goes back to the
 *           function that its comment names, once. Everything that a report or trace hands out is its own,
 *           is never changed, and is valid until that is freed. What the caller passes in stays the
 *           caller's; nothing is kept of it but copies.
 * Threads   An analyzer, a report and a trace may be used by any number of threads at the same time,
 *           until they are freed. Options are used by one thread at a time.
 * Texts     are UTF-8 and end with NUL, which their length does not count. Texts from a document are as
 *           they are there: they can hold control characters, and NUL.
 * Growth    Structures with a `size` are the caller's, who sets it to sizeof. The others are reached by
 *           pointers, and new fields come at their end: do not copy them, nor make arrays of them.
 *           Numbers of enumerations are fixed, and more can come.
 * Panics    are defects, and end as DOCSIFT_RESULT_INTERNAL. A program whose memory is used up is ended.
 */


#ifndef DOCSIFT_H
#define DOCSIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 Major version of the header.
 */
#define DOCSIFT_VERSION_MAJOR 0

/*
 Minor version of the header.
 */
#define DOCSIFT_VERSION_MINOR 1

/*
 Patch version of the header.
 */
#define DOCSIFT_VERSION_PATCH 0

/*
 Version of the ABI that the header describes. It changes when a program that was built with an
 older header would no longer work: a function or number is gone, or a field has moved. New
 functions, numbers and fields at the end of a structure leave it as it is.
 */
#define DOCSIFT_ABI_VERSION 1

/*
 A VBA project with code.
 */
#define DOCSIFT_HAS_VBA 1

/*
 An Excel 4.0 macro sheet.
 */
#define DOCSIFT_HAS_XLM 2

/*
 A WordBasic macro.
 */
#define DOCSIFT_HAS_WORDBASIC 4

/*
 A macro that starts by itself.
 */
#define DOCSIFT_HAS_AUTO_START 8

/*
 A link to data, a program or a document elsewhere.
 */
#define DOCSIFT_HAS_EXTERNAL 16

/*
 An embedded object or file.
 */
#define DOCSIFT_HAS_EMBEDDED 32

/*
 Encrypted content.
 */
#define DOCSIFT_HAS_ENCRYPTED 64

/*
 A digitally signed VBA project.
 */
#define DOCSIFT_HAS_SIGNED 128

/*
 Text that tells a person what to do to let macros run.
 */
#define DOCSIFT_HAS_LURE 256

/*
 The `parent` of the input, which lies in no other part.
 */
#define DOCSIFT_NO_PART 4294967295

/*
 `repeats` of `docsift_trace_options`: every turn of a loop is kept.
 */
#define DOCSIFT_EVERY_TURN 4294967295

/*
 What became of a call. Numbers are fixed; `docsift_last_error` has the words.
 */
enum docsift_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   Done. Outputs are written.
   */
  DOCSIFT_RESULT_OK = 0,
  /*
   A pointer that must not be NULL is NULL.
   */
  DOCSIFT_RESULT_NULL_POINTER = 1,
  /*
   A text is not UTF-8.
   */
  DOCSIFT_RESULT_NOT_UTF8 = 2,
  /*
   `size` of a structure is none, or the structure comes from a newer header and sets what this
   library does not know.
   */
  DOCSIFT_RESULT_BAD_STRUCT = 3,
  /*
   An option makes no sense.
   */
  DOCSIFT_RESULT_BAD_OPTION = 4,
  /*
   No rule has this identifier.
   */
  DOCSIFT_RESULT_UNKNOWN_RULE = 5,
  /*
   An index is past the end, or a length is longer than memory can be.
   */
  DOCSIFT_RESULT_OUT_OF_RANGE = 6,
  /*
   The bytes of this part were not kept: see `keep_bytes` of `docsift_input`.
   */
  DOCSIFT_RESULT_NOT_KEPT = 7,
  /*
   A defect of the library: it panicked, and the panic was stopped. What was passed in is as it was.
   */
  DOCSIFT_RESULT_INTERNAL = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum docsift_result docsift_result;
#else
typedef int32_t docsift_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 How bad it is; larger is worse. Numbers are fixed.
 */
enum docsift_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   There is no report. It is below every level, so that a call that failed never reads as clean.
   */
  DOCSIFT_LEVEL_NO_REPORT = 0,
  /*
   Everything was read, and nothing was found.
   */
  DOCSIFT_LEVEL_NOTHING_FOUND = 1,
  /*
   Nothing was found, but not everything was read.
   */
  DOCSIFT_LEVEL_INCONCLUSIVE = 2,
  /*
   It does what attacks do, and honest files hardly.
   */
  DOCSIFT_LEVEL_SUSPICIOUS = 3,
  /*
   It starts by itself and fetches, writes or runs, or hides that it does.
   */
  DOCSIFT_LEVEL_MALICIOUS = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum docsift_level docsift_level;
#else
typedef int32_t docsift_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 How much a finding matters; larger is more. Numbers are fixed.
 */
enum docsift_severity
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   One that this header does not know.
   */
  DOCSIFT_SEVERITY_UNKNOWN = 0,
  /*
   A plain fact.
   */
  DOCSIFT_SEVERITY_INFO = 1,
  /*
   Unusual, mostly innocent.
   */
  DOCSIFT_SEVERITY_LOW = 2,
  /*
   Used by attacks and by some honest files.
   */
  DOCSIFT_SEVERITY_MEDIUM = 3,
  /*
   Used by attacks, hardly by honest files.
   */
  DOCSIFT_SEVERITY_HIGH = 4,
  /*
   Has no honest use.
   */
  DOCSIFT_SEVERITY_CRITICAL = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum docsift_severity docsift_severity;
#else
typedef int32_t docsift_severity;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 How sure a finding is; larger is surer. Numbers are fixed.
 */
enum docsift_confidence
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   One that this header does not know.
   */
  DOCSIFT_CONFIDENCE_UNKNOWN = 0,
  /*
   Could be something else.
   */
  DOCSIFT_CONFIDENCE_POSSIBLE = 1,
  /*
   Hardly anything else.
   */
  DOCSIFT_CONFIDENCE_LIKELY = 2,
  /*
   Stands in the bytes.
   */
  DOCSIFT_CONFIDENCE_CERTAIN = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum docsift_confidence docsift_confidence;
#else
typedef int32_t docsift_confidence;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 Analyses any number of inputs. It never changes: any number of threads may use one at the same
 time.
 */
typedef struct docsift_analyzer docsift_analyzer;

/*
 How to analyse. Made by `docsift_options_new`; one thread at a time may use it.
 */
typedef struct docsift_options docsift_options;

/*
 What one analysis found. It never changes: any number of threads may read one at the same time.
 Whatever it hands out is its own, and is valid until it is freed.
 */
typedef struct docsift_report docsift_report;

/*
 How the Excel 4.0 macros of one input run. It never changes: any number of threads may read one at
 the same time. What it hands out is its own, and is valid until it is freed.
 */
typedef struct docsift_trace docsift_trace;

/*
 Ceilings of one analysis. A field that is 0 keeps its default. Reaching one is reported as a
 problem, and bars "nothing found".

 `docsift_limits limits = { 0 }; limits.size = sizeof limits;` and then what is to differ.
 */
typedef struct docsift_limits {
  /*
   `sizeof(docsift_limits)`.
   */
  size_t size;
  /*
   Steps of work over all parts; one is a record or 64 bytes touched.
   */
  uint64_t steps;
  /*
   Bytes that one transformation (gathering, decompressing) may make.
   */
  uint64_t part_bytes;
  /*
   Bytes that all transformations together may make.
   */
  uint64_t total_bytes;
  /*
   How many bytes a decompressor may make for each byte it reads.
   */
  uint64_t ratio;
  /*
   Documents inside documents; at most 65535.
   */
  uint64_t depth;
  /*
   Parts: streams, modules, embedded documents; at most 4294967295.
   */
  uint64_t parts;
  /*
   Cells kept in models, over all workbooks.
   */
  uint64_t cells;
  /*
   Hash rounds of key derivations, over all passwords that are tried.
   */
  uint64_t kdf_rounds;
  /*
   Findings of one rule that are listed; at most 4294967295.
   */
  uint64_t findings;
  /*
   Bytes of raw evidence and characters of shown text in one evidence.
   */
  uint64_t excerpt_bytes;
  /*
   Characters of texts, sources and formulas that the report quotes, each kind.
   */
  uint64_t report_chars;
} docsift_limits;

/*
 A text in UTF-8: `len` bytes and a NUL behind them. A text from a document can have NUL within
 it, so that `len` is the length that counts. Where a field may be absent, `data` is NULL then.
 */
typedef struct docsift_str {
  /*
   The first byte, or NULL when the text is absent.
   */
  const char *data;
  /*
   Bytes, without the NUL at the end.
   */
  size_t len;
} docsift_str;

/*
 A part that is visited, with its bytes. All of it is valid until the visit returns.
 */
typedef struct docsift_visited {
  /*
   Its identifier.
   */
  uint32_t part;
  /*
   Identifier of the part that it lies in; `DOCSIFT_NO_PART` for the input.
   */
  uint32_t parent;
  /*
   Its way from the input: `invoice.xls!/Workbook`.
   */
  struct docsift_str path;
  /*
   What it is.
   */
  struct docsift_str kind;
  /*
   Its bytes.
   */
  const uint8_t *bytes;
  /*
   How many there are.
   */
  size_t len;
} docsift_visited;

/*
 Called for every part of an input while it is analysed, by the thread that called
 `docsift_analyze`. It must return: no exception and no `longjmp` may leave it. `user` is that of
 `docsift_input`.
 */
typedef void (*docsift_visit)(void *user, const struct docsift_visited *part);

/*
 What is analysed. A field that is zero is not given.

 `docsift_input input = { 0 }; input.size = sizeof input;` and then `bytes` and `len`.
 A call only reads what is in it, and keeps no pointer once it returns.
 */
typedef struct docsift_input {
  /*
   `sizeof(docsift_input)`.
   */
  size_t size;
  /*
   The bytes.
   */
  const uint8_t *bytes;
  /*
   How many there are.
   */
  size_t len;
  /*
   The file name without folders, in UTF-8; what is not UTF-8 is replaced. It ends with NUL.
   */
  const char *name;
  /*
   Content of the stream `Zone.Identifier` that Windows keeps beside a file from elsewhere.
   */
  const uint8_t *zone;
  /*
   Bytes of `zone`.
   */
  size_t zone_len;
  /*
   How many bytes of parts the report keeps for `docsift_report_part_bytes`, all parts together.
   Parts are kept in the order in which they are met, those that no longer fit are not.
   */
  uint64_t keep_bytes;
  /*
   Called for every part with its bytes.
   */
  docsift_visit visit;
  /*
   Passed to `visit`, and not looked at.
   */
  void *user;
} docsift_input;

/*
 The answer, with its reasons.
 */
typedef struct docsift_verdict {
  /*
   The level.
   */
  docsift_level level;
  /*
   From 0 to 100; orders files within a level.
   */
  uint32_t score;
  /*
   One plain sentence.
   */
  struct docsift_str sentence;
  /*
   Identifiers of the rules whose findings decided the level.
   */
  const struct docsift_str *decided_by;
  /*
   How many there are.
   */
  size_t decided_by_count;
  /*
   Whether everything in the file was read.
   */
  bool complete;
} docsift_verdict;

/*
 What was analysed.
 */
typedef struct docsift_input_summary {
  /*
   File name; absent when none was given.
   */
  struct docsift_str name;
  /*
   Bytes.
   */
  uint64_t size;
  /*
   SHA-256 in lower-case hexadecimal.
   */
  struct docsift_str sha256;
  /*
   What it is, by content: `xls`, `eml` ...
   */
  struct docsift_str kind;
} docsift_input_summary;

/*
 What a rule found.
 */
typedef struct docsift_finding {
  /*
   Rule identifier.
   */
  struct docsift_str rule;
  /*
   Rule name.
   */
  struct docsift_str name;
  /*
   What was found here.
   */
  struct docsift_str message;
  /*
   How much it matters.
   */
  docsift_severity severity;
  /*
   How sure it is.
   */
  docsift_confidence confidence;
  /*
   Techniques of MITRE ATT&CK.
   */
  const struct docsift_str *attack;
  /*
   How many there are.
   */
  size_t attack_count;
  /*
   How many proofs `docsift_report_evidence` has.
   */
  size_t evidence_count;
  /*
   How often the rule found more that is not listed.
   */
  uint64_t more;
} docsift_finding;

/*
 A place in the document.
 */
typedef struct docsift_location {
  /*
   The part: an index for `docsift_report_part`.
   */
  uint32_t part;
  /*
   Line, from 1; 0 when the place is none.
   */
  uint32_t line;
  /*
   Whether `start` and `end` say bytes.
   */
  bool has_bytes;
  /*
   First byte in the part.
   */
  uint64_t start;
  /*
   One past the last byte in the part.
   */
  uint64_t end;
  /*
   Cell, with its sheet: `Sheet6!G16`; absent when the place is none.
   */
  struct docsift_str cell;
} docsift_location;

/*
 Proof of a finding.
 */
typedef struct docsift_evidence {
  /*
   Where.
   */
  const struct docsift_location *location;
  /*
   The bytes there, capped.
   */
  const uint8_t *raw;
  /*
   How many there are.
   */
  size_t raw_len;
  /*
   What they say, capped.
   */
  struct docsift_str text;
} docsift_evidence;

/*
 One thing that the document would do. What is unknown in a text stands there as a placeholder in
 braces: `http://one.invalid/{NOW}`.
 */
typedef struct docsift_effect {
  /*
   `fetch`, `write`, `run` ... as in the JSON report.
   */
  struct docsift_str kind;
  /*
   `seen_in_text` or `evaluated`.
   */
  struct docsift_str basis;
  /*
   What exactly.
   */
  struct docsift_str text;
  /*
   What it hangs on; may be absent.
   */
  struct docsift_str condition;
  /*
   Where it stands.
   */
  const struct docsift_location *location;
  /*
   Its place in the order in which things happen, from 0; -1 when that is not known.
   */
  int64_t order;
  /*
   What starts the macro; may be absent, as all texts below may.
   */
  struct docsift_str start;
  /*
   Fetch: the address.
   */
  struct docsift_str url;
  /*
   Fetch: the file that it is saved to. A mail: its receiver.
   */
  struct docsift_str to;
  /*
   Write, delete: the file or folder.
   */
  struct docsift_str path;
  /*
   Write: what is written. Alert: what is shown.
   */
  struct docsift_str content;
  /*
   Run: the command line.
   */
  struct docsift_str command;
  /*
   Run, call: through what.
   */
  struct docsift_str how;
  /*
   Register, call: the DLL.
   */
  struct docsift_str dll;
  /*
   Register, call: the function.
   */
  struct docsift_str procedure;
  /*
   Call: the arguments.
   */
  const struct docsift_str *arguments;
  /*
   How many there are.
   */
  size_t argument_count;
  /*
   The formula as it was written by another one.
   */
  struct docsift_str source;
} docsift_effect;

/*
 Something to search for elsewhere.
 */
typedef struct docsift_indicator {
  /*
   `url`, `host`, `ip`, `command` ... as in the JSON report.
   */
  struct docsift_str kind;
  /*
   The value.
   */
  struct docsift_str value;
  /*
   The value so that no tool makes a link of it.
   */
  struct docsift_str defanged;
  /*
   How often it was seen.
   */
  uint64_t count;
  /*
   Where it was seen first.
   */
  const struct docsift_location *location;
  /*
   Whether it is a well-known address that says nothing.
   */
  bool well_known;
} docsift_indicator;

/*
 Bytes of a part in its parent. It never grows.
 */
typedef struct docsift_run {
  /*
   First byte.
   */
  uint64_t start;
  /*
   Bytes.
   */
  uint64_t len;
} docsift_run;

/*
 A part of the input.
 */
typedef struct docsift_part {
  /*
   Its identifier, which is its index.
   */
  uint32_t id;
  /*
   Identifier of the part that it lies in; `DOCSIFT_NO_PART` for the input.
   */
  uint32_t parent;
  /*
   Its way from the input: `invoice.xls!/Workbook`.
   */
  struct docsift_str path;
  /*
   What it is.
   */
  struct docsift_str kind;
  /*
   Bytes.
   */
  uint64_t size;
  /*
   SHA-256 in lower-case hexadecimal, of documents, objects and pictures; else absent.
   */
  struct docsift_str sha256;
  /*
   Where its bytes lie in its parent, capped; none when they were made by decompression.
   */
  const struct docsift_run *runs;
  /*
   How many there are.
   */
  size_t run_count;
  /*
   How it was decrypted; absent when it was not encrypted.
   */
  struct docsift_str method;
  /*
   The password; absent when it was not encrypted.
   */
  struct docsift_str password;
  /*
   Where the password comes from: `caller`, `mail_body` ...; absent when it was not encrypted.
   */
  struct docsift_str password_source;
} docsift_part;

/*
 A module of macro source: VBA, or a WordBasic macro.
 */
typedef struct docsift_module {
  /*
   The part that its source is.
   */
  uint32_t part;
  /*
   Its name.
   */
  struct docsift_str name;
  /*
   `procedural`, `document`, `class`, `form`, or `wordbasic`.
   */
  struct docsift_str kind;
  /*
   Its source, capped.
   */
  struct docsift_str source;
  /*
   Whether the source is cut.
   */
  bool cut;
  /*
   Whether the editor lists it.
   */
  bool listed;
} docsift_module;

/*
 An Excel 4.0 macro sheet.
 */
typedef struct docsift_macro_sheet {
  /*
   The part of its workbook.
   */
  uint32_t part;
  /*
   Its name.
   */
  struct docsift_str sheet;
  /*
   `visible`, `hidden`, `very_hidden` or `reserved`.
   */
  struct docsift_str visibility;
  /*
   How many cells `docsift_report_macro_cell` has.
   */
  size_t cell_count;
  /*
   Whether cells are left out.
   */
  bool cut;
} docsift_macro_sheet;

/*
 A cell of a macro sheet.
 */
typedef struct docsift_macro_cell {
  /*
   Its address.
   */
  struct docsift_str cell;
  /*
   Its formula, as Excel shows it.
   */
  struct docsift_str formula;
  /*
   The value that the file keeps for it; may be absent.
   */
  struct docsift_str cached;
  /*
   The value that it had at the end of the run; absent when it did not run.
   */
  struct docsift_str computed;
} docsift_macro_cell;

/*
 Text with its place.
 */
typedef struct docsift_text {
  /*
   The text, capped.
   */
  struct docsift_str text;
  /*
   What it stands in: `cell`, `text_box`, `note` ...
   */
  struct docsift_str source;
  /*
   Where.
   */
  const struct docsift_location *location;
  /*
   Whether a person sees it without doing anything.
   */
  bool visible;
} docsift_text;

/*
 A deviation, or something unread.
 */
typedef struct docsift_problem {
  /*
   `recovered`, `abandoned`, `limit_reached`, `needs_password` or `unsupported`. All but the
   first bar "nothing found".
   */
  struct docsift_str kind;
  /*
   The reader that met it.
   */
  struct docsift_str stage;
  /*
   What is wrong.
   */
  struct docsift_str message;
  /*
   Where.
   */
  const struct docsift_location *location;
} docsift_problem;

/*
 How much of the runs a trace keeps. A field that is 0 has its default.

 `docsift_trace_options wanted = { 0 }; wanted.size = sizeof wanted;` and then what is to differ.
 */
typedef struct docsift_trace_options {
  /*
   `sizeof(docsift_trace_options)`.
   */
  size_t size;
  /*
   Steps of all runs together; the others are run and counted. 1000 by default.
   */
  uint64_t steps;
  /*
   How often a cell is kept that only computes, before turns of its loop are passed over and
   counted: 2 by default, or `DOCSIFT_EVERY_TURN`; no larger number.
   */
  uint64_t repeats;
} docsift_trace_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Version of the ABI that the library has. A program may compare it with `DOCSIFT_ABI_VERSION`.
 */
uint32_t docsift_abi_version(void);

/*
 Version of the library: `"0.1.0"`.

 Owned by the library, for ever; not freed.
 */
const char *docsift_version(void);

/*
 The words for the last call of this thread that failed; empty when none did. A call that succeeds
 leaves them as they are.

 Owned by the library, valid until the next call of this thread that fails, or until the thread
 ends; not freed.
 */
const char *docsift_last_error(void);

/*
 Makes options with defaults.

 `*options` is the caller's, and is freed with `docsift_options_free`.
 */
docsift_result docsift_options_new(struct docsift_options **options);

/*
 Frees options; NULL is nothing. Analyzers that were made of them stay as they are.
 */
void docsift_options_free(struct docsift_options *options);

/*
 Sets the ceilings; those that an earlier call set are forgotten. `limits` is only read.
 */
docsift_result docsift_options_set_limits(struct docsift_options *options,
                                          const struct docsift_limits *limits);

/*
 Adds a password to try on everything that is encrypted. They are tried in the order in which they
 were added. `password` is copied.
 */
docsift_result docsift_options_add_password(struct docsift_options *options, const char *password);

/*
 Turns a rule off. `rule` is its identifier, and is copied.
 */
docsift_result docsift_options_rule_off(struct docsift_options *options, const char *rule);

/*
 Gives findings of a rule another severity: a number of `docsift_severity`. `rule` is copied.
 */
docsift_result docsift_options_rule_severity(struct docsift_options *options,
                                             const char *rule,
                                             int32_t severity);

/*
 Adds a file that is known to be good, by the 32 bytes of its SHA-256. Its findings are kept and do
 not count. `sha256` is copied.
 */
docsift_result docsift_options_allow_file(struct docsift_options *options, const uint8_t *sha256);

/*
 Adds macros that are known to be good, by the 32 bytes of the SHA-256 of their normal form:
 `macros.normalised_sha256` of a JSON report. `sha256` is copied.
 */
docsift_result docsift_options_allow_macros(struct docsift_options *options, const uint8_t *sha256);

/*
 Adds a picture that is known from lures, by the 32 bytes of its SHA-256. `sha256` is copied.
 */
docsift_result docsift_options_add_known_lure(struct docsift_options *options,
                                              const uint8_t *sha256);

/*
 Adds a picture that is known from lures, by the hash of its look: the 16 hexadecimal digits of
 `pictures[].dhash` of a JSON report, as a number. Pictures that look alike match too.
 */
docsift_result docsift_options_add_known_lure_dhash(struct docsift_options *options,
                                                    uint64_t dhash);

/*
 Sets the desktop that macros are thought to run on: `environment` is the text of an environment
 file, a `name = value` a line, as `docs/environment.md` describes it. What it does not name, and what
 an earlier call set, is as in the library. When a line cannot be used, `docsift_last_error` says
 which and why, and the options stay as they are.
 */
docsift_result docsift_options_set_environment(struct docsift_options *options,
                                               const char *environment);

/*
 Makes an analyzer. `options` may be NULL for defaults; it is only read, and may be freed after.

 `*analyzer` is the caller's, and is freed with `docsift_analyzer_free`.
 */
docsift_result docsift_analyzer_new(const struct docsift_options *options,
                                    struct docsift_analyzer **analyzer);

/*
 Frees an analyzer; NULL is nothing. No call may be using it. Reports that it made stay.
 */
void docsift_analyzer_free(struct docsift_analyzer *analyzer);

/*
 Analyses one input. Any bytes give a report: hostile content is never a failure.

 `*report` is the caller's, and is freed with `docsift_report_free`. It does not point into the
 input.
 */
docsift_result docsift_analyze(const struct docsift_analyzer *analyzer,
                               const struct docsift_input *input,
                               struct docsift_report **report);

/*
 Frees a report and everything that it handed out; NULL is nothing.
 */
void docsift_report_free(struct docsift_report *report);

/*
 How bad it is; `DOCSIFT_LEVEL_NO_REPORT` when `report` is NULL.
 */
docsift_level docsift_report_level(const struct docsift_report *report);

/*
 The verdict in one plain sentence, which ends with NUL; NULL when `report` is.

 Owned by the report.
 */
const char *docsift_report_sentence(const struct docsift_report *report);

/*
 The verdict with its reasons; NULL when `report` is.

 Owned by the report.
 */
const struct docsift_verdict *docsift_report_verdict(const struct docsift_report *report);

/*
 What was analysed; NULL when `report` is.

 Owned by the report.
 */
const struct docsift_input_summary *docsift_report_input(const struct docsift_report *report);

/*
 Plain facts for policies that block by content: a sum of `DOCSIFT_HAS_...`; 0 when `report` is NULL.
 */
uint32_t docsift_report_active_content(const struct docsift_report *report);

/*
 How many findings, in the order of the rule catalogue; 0 when `report` is NULL.
 */
size_t docsift_report_finding_count(const struct docsift_report *report);

/*
 A finding; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_finding *docsift_report_finding(const struct docsift_report *report,
                                                     size_t index);

/*
 A proof of a finding, by the indexes of both; NULL when one is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_evidence *docsift_report_evidence(const struct docsift_report *report,
                                                       size_t finding,
                                                       size_t index);

/*
 How many things that the document would do, in the order in which they happen; 0 when `report` is NULL.
 */
size_t docsift_report_effect_count(const struct docsift_report *report);

/*
 One thing that the document would do; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_effect *docsift_report_effect(const struct docsift_report *report,
                                                   size_t index);

/*
 How many addresses, paths and commands; 0 when `report` is NULL.
 */
size_t docsift_report_indicator_count(const struct docsift_report *report);

/*
 An address, path or command; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_indicator *docsift_report_indicator(const struct docsift_report *report,
                                                         size_t index);

/*
 How many parts; part 0 is the input; 0 when `report` is NULL.
 */
size_t docsift_report_part_count(const struct docsift_report *report);

/*
 A part; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_part *docsift_report_part(const struct docsift_report *report, size_t index);

/*
 The bytes of a part, by its index. They are there for parts that were met when `keep_bytes` of
 `docsift_input` had room for them; for others the answer is `DOCSIFT_RESULT_NOT_KEPT`.

 `*bytes` is owned by the report. It is not NULL, even when `*len` is 0.
 */
docsift_result docsift_report_part_bytes(const struct docsift_report *report,
                                         size_t index,
                                         const uint8_t **bytes,
                                         size_t *len);

/*
 How many modules of macro source; 0 when `report` is NULL.
 */
size_t docsift_report_module_count(const struct docsift_report *report);

/*
 A module of macro source; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_module *docsift_report_module(const struct docsift_report *report,
                                                   size_t index);

/*
 How many Excel 4.0 macro sheets; 0 when `report` is NULL.
 */
size_t docsift_report_macro_sheet_count(const struct docsift_report *report);

/*
 An Excel 4.0 macro sheet; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_macro_sheet *docsift_report_macro_sheet(const struct docsift_report *report,
                                                             size_t index);

/*
 A cell of a macro sheet, by the indexes of both; NULL when one is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_macro_cell *docsift_report_macro_cell(const struct docsift_report *report,
                                                           size_t sheet,
                                                           size_t index);

/*
 How many texts that a person would see or could find; 0 when `report` is NULL.
 */
size_t docsift_report_text_count(const struct docsift_report *report);

/*
 A text with its place; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_text *docsift_report_text(const struct docsift_report *report, size_t index);

/*
 How many deviations, and things unread; 0 when `report` is NULL.
 */
size_t docsift_report_problem_count(const struct docsift_report *report);

/*
 A deviation, or something unread; NULL when `index` is past the end or `report` is NULL.

 Owned by the report.
 */
const struct docsift_problem *docsift_report_problem(const struct docsift_report *report,
                                                     size_t index);

/*
 The whole report as JSON on one line, as `docs/report.schema.json` describes it. `data` is NULL when
 `report` is.

 Owned by the report, which makes it at the first call.
 */
struct docsift_str docsift_report_json(const struct docsift_report *report);

/*
 Runs the Excel 4.0 macros of every workbook in one input, and keeps what they do step by step. The
 macros run in a machine that has nothing of this computer behind it. Any bytes give a trace; one
 without a run says why there is none.

 `visit` and `keep_bytes` of `input` are for `docsift_analyze`, and are not looked at. `wanted` may be
 NULL for defaults. `*trace` is the caller's, and is freed with `docsift_trace_free`.
 */
docsift_result docsift_trace_new(const struct docsift_analyzer *analyzer,
                                 const struct docsift_input *input,
                                 const struct docsift_trace_options *wanted,
                                 struct docsift_trace **trace);

/*
 Frees a trace and everything that it handed out; NULL is nothing.
 */
void docsift_trace_free(struct docsift_trace *trace);

/*
 Whether everything in the input was read and every run came to its end; false when `trace` is NULL.
 */
bool docsift_trace_complete(const struct docsift_trace *trace);

/*
 The whole trace as JSON on one line, as `docs/trace.schema.json` describes it. `data` is NULL when
 `trace` is.

 Owned by the trace.
 */
struct docsift_str docsift_trace_json(const struct docsift_trace *trace);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* DOCSIFT_H */
