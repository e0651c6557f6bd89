/* What the header promises and no example shows: NULL everywhere, outputs only on success, structures of
 * other sizes, indexes past the end, one analyzer and one report in many threads. Prints "holds". */
#include <docsift.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                                             \
    do {                                                                                               \
        if (!(condition)) {                                                                            \
            fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, docsift_last_error());  \
            exit(70);                                                                                  \
        }                                                                                              \
    } while (0)

/* An address that is never valid: an output that must not be written keeps it. */
#define UNTOUCHED ((void *)(uintptr_t)0x10)

static unsigned char bytes[1 << 20];
static size_t bytes_len;

static docsift_input whole(void)
{
    docsift_input input = { 0 };
    input.size = sizeof input;
    input.bytes = bytes;
    input.len = bytes_len;
    input.name = "mail.eml";
    return input;
}

static void versions(void)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", DOCSIFT_VERSION_MAJOR, DOCSIFT_VERSION_MINOR, DOCSIFT_VERSION_PATCH);
    REQUIRE(strcmp(docsift_version(), text) == 0);
    REQUIRE(docsift_abi_version() == DOCSIFT_ABI_VERSION);
    REQUIRE(strcmp(docsift_last_error(), "") == 0);
}

static void options(void)
{
    static const uint8_t digest[32] = { 1 };
    static const char *const bad_environment = "country = 81\nmouse = perhaps";
    docsift_options *options = UNTOUCHED;
    docsift_analyzer *analyzer = UNTOUCHED;
    docsift_limits limits = { 0 };
    struct {
        docsift_limits known;
        uint64_t unknown;
    } newer;

    REQUIRE(docsift_options_new(NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(strcmp(docsift_last_error(), "options is NULL") == 0);
    REQUIRE(docsift_options_new(&options) == DOCSIFT_RESULT_OK && options != UNTOUCHED);

    REQUIRE(docsift_options_add_password(NULL, "x") == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_add_password(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_add_password(options, "\xff") == DOCSIFT_RESULT_NOT_UTF8);
    REQUIRE(docsift_options_add_password(options, "x") == DOCSIFT_RESULT_OK);

    REQUIRE(docsift_options_rule_off(NULL, "ENC001") == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_rule_off(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_rule_off(options, "NOT001") == DOCSIFT_RESULT_UNKNOWN_RULE);
    REQUIRE(docsift_options_rule_off(options, "ENC001") == DOCSIFT_RESULT_OK);

    REQUIRE(docsift_options_rule_severity(NULL, "ENC001", 1) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_rule_severity(options, NULL, 1) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_rule_severity(options, "NOT001", 1) == DOCSIFT_RESULT_UNKNOWN_RULE);
    REQUIRE(docsift_options_rule_severity(options, "ENC001", 0) == DOCSIFT_RESULT_BAD_OPTION);
    REQUIRE(docsift_options_rule_severity(options, "ENC001", INT32_MIN) == DOCSIFT_RESULT_BAD_OPTION);
    REQUIRE(docsift_options_rule_severity(options, "ENC001", DOCSIFT_SEVERITY_CRITICAL) == DOCSIFT_RESULT_OK);

    REQUIRE(docsift_options_allow_file(NULL, digest) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_allow_file(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_allow_file(options, digest) == DOCSIFT_RESULT_OK);
    REQUIRE(docsift_options_allow_macros(NULL, digest) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_allow_macros(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_allow_macros(options, digest) == DOCSIFT_RESULT_OK);

    REQUIRE(docsift_options_add_known_lure(NULL, digest) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_add_known_lure(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_add_known_lure(options, digest) == DOCSIFT_RESULT_OK);
    REQUIRE(docsift_options_add_known_lure_dhash(NULL, 1) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_add_known_lure_dhash(options, 1) == DOCSIFT_RESULT_OK);

    REQUIRE(docsift_options_set_environment(NULL, "") == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_set_environment(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_set_environment(options, "user = \xff") == DOCSIFT_RESULT_NOT_UTF8);
    REQUIRE(docsift_options_set_environment(options, bad_environment) == DOCSIFT_RESULT_BAD_OPTION);
    REQUIRE(strncmp(docsift_last_error(), "environment, line 2: ", 21) == 0);
    REQUIRE(docsift_options_set_environment(options, "country = 81\n# a comment\n") == DOCSIFT_RESULT_OK);
    REQUIRE(docsift_options_set_environment(options, "") == DOCSIFT_RESULT_OK);

    REQUIRE(docsift_options_set_limits(NULL, &limits) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_set_limits(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_options_set_limits(options, &limits) == DOCSIFT_RESULT_BAD_STRUCT);
    limits.size = sizeof limits;
    REQUIRE(docsift_options_set_limits(options, &limits) == DOCSIFT_RESULT_OK);
    limits.depth = 65536;
    REQUIRE(docsift_options_set_limits(options, &limits) == DOCSIFT_RESULT_BAD_OPTION);
    REQUIRE(strcmp(docsift_last_error(), "depth of 65536 is too large") == 0);
    limits.depth = 0;
    memset(&newer, 0, sizeof newer);
    newer.known.size = sizeof newer;
    REQUIRE(docsift_options_set_limits(options, &newer.known) == DOCSIFT_RESULT_OK);
    newer.unknown = 1;
    REQUIRE(docsift_options_set_limits(options, &newer.known) == DOCSIFT_RESULT_BAD_STRUCT);

    REQUIRE(docsift_analyzer_new(options, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_analyzer_new(options, &analyzer) == DOCSIFT_RESULT_OK && analyzer != UNTOUCHED);
    docsift_options_free(options);
    docsift_analyzer_free(analyzer);
    docsift_options_free(NULL);
    docsift_analyzer_free(NULL);
    docsift_report_free(NULL);
}

static void refused(const docsift_analyzer *analyzer)
{
    docsift_report *report = UNTOUCHED;
    docsift_input input = whole();

    REQUIRE(docsift_analyze(NULL, &input, &report) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_analyze(analyzer, NULL, &report) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_analyze(analyzer, &input, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    input.bytes = NULL;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_NULL_POINTER);
    input = whole();
    input.zone_len = 1;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_NULL_POINTER);
    input = whole();
    input.len = SIZE_MAX;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_OUT_OF_RANGE);
    input = whole();
    input.size = 1;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_BAD_STRUCT);
    REQUIRE(report == UNTOUCHED);
}

static void no_report(void)
{
    const uint8_t *part = UNTOUCHED;
    size_t len = 7;

    REQUIRE(docsift_report_level(NULL) == DOCSIFT_LEVEL_NO_REPORT);
    REQUIRE(docsift_report_sentence(NULL) == NULL);
    REQUIRE(docsift_report_verdict(NULL) == NULL);
    REQUIRE(docsift_report_input(NULL) == NULL);
    REQUIRE(docsift_report_active_content(NULL) == 0);
    REQUIRE(docsift_report_finding_count(NULL) == 0 && docsift_report_finding(NULL, 0) == NULL);
    REQUIRE(docsift_report_evidence(NULL, 0, 0) == NULL);
    REQUIRE(docsift_report_effect_count(NULL) == 0 && docsift_report_effect(NULL, 0) == NULL);
    REQUIRE(docsift_report_indicator_count(NULL) == 0 && docsift_report_indicator(NULL, 0) == NULL);
    REQUIRE(docsift_report_part_count(NULL) == 0 && docsift_report_part(NULL, 0) == NULL);
    REQUIRE(docsift_report_part_bytes(NULL, 0, &part, &len) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_report_module_count(NULL) == 0 && docsift_report_module(NULL, 0) == NULL);
    REQUIRE(docsift_report_macro_sheet_count(NULL) == 0 && docsift_report_macro_sheet(NULL, 0) == NULL);
    REQUIRE(docsift_report_macro_cell(NULL, 0, 0) == NULL);
    REQUIRE(docsift_report_text_count(NULL) == 0 && docsift_report_text(NULL, 0) == NULL);
    REQUIRE(docsift_report_problem_count(NULL) == 0 && docsift_report_problem(NULL, 0) == NULL);
    REQUIRE(docsift_report_json(NULL).data == NULL && docsift_report_json(NULL).len == 0);
    REQUIRE(part == UNTOUCHED && len == 7);
}

static void is_text(docsift_str text)
{
    REQUIRE(text.data != NULL && text.data[text.len] == '\0');
}

static void may_be_text(docsift_str text)
{
    if (text.data == NULL)
        REQUIRE(text.len == 0);
    else
        is_text(text);
}

static void is_place(const docsift_report *report, const docsift_location *place)
{
    const docsift_part *part = docsift_report_part(report, place->part);
    REQUIRE(part != NULL && place->start <= place->end && place->end <= part->size);
    may_be_text(place->cell);
}

/* Follows every pointer that the report hands out. */
static void walk(const docsift_report *report)
{
    const docsift_verdict *verdict = docsift_report_verdict(report);
    const docsift_input_summary *input = docsift_report_input(report);
    size_t index, within, count;

    REQUIRE(docsift_report_level(report) == verdict->level && verdict->score <= 100);
    REQUIRE(docsift_report_sentence(report) == verdict->sentence.data);
    is_text(verdict->sentence);
    for (index = 0; index < verdict->decided_by_count; index++)
        is_text(verdict->decided_by[index]);
    REQUIRE(input->size == bytes_len && input->sha256.len == 64 && strcmp(input->name.data, "mail.eml") == 0);
    is_text(input->kind);

    count = docsift_report_finding_count(report);
    for (index = 0; index < count; index++) {
        const docsift_finding *finding = docsift_report_finding(report, index);
        is_text(finding->rule);
        is_text(finding->name);
        is_text(finding->message);
        REQUIRE(finding->severity != DOCSIFT_SEVERITY_UNKNOWN && finding->confidence != DOCSIFT_CONFIDENCE_UNKNOWN);
        for (within = 0; within < finding->attack_count; within++)
            is_text(finding->attack[within]);
        REQUIRE(finding->evidence_count > 0);
        for (within = 0; within < finding->evidence_count; within++) {
            const docsift_evidence *evidence = docsift_report_evidence(report, index, within);
            is_place(report, evidence->location);
            is_text(evidence->text);
            REQUIRE(evidence->raw != NULL && evidence->raw[evidence->raw_len] == 0);
        }
        REQUIRE(docsift_report_evidence(report, index, within) == NULL);
    }
    REQUIRE(docsift_report_finding(report, count) == NULL);
    REQUIRE(docsift_report_finding(report, SIZE_MAX) == NULL);
    REQUIRE(docsift_report_evidence(report, count, 0) == NULL);

    count = docsift_report_effect_count(report);
    for (index = 0; index < count; index++) {
        const docsift_effect *effect = docsift_report_effect(report, index);
        is_text(effect->kind);
        is_text(effect->basis);
        is_text(effect->text);
        is_place(report, effect->location);
        may_be_text(effect->condition);
        may_be_text(effect->start);
        may_be_text(effect->url);
        may_be_text(effect->to);
        may_be_text(effect->path);
        may_be_text(effect->content);
        may_be_text(effect->command);
        may_be_text(effect->how);
        may_be_text(effect->dll);
        may_be_text(effect->procedure);
        may_be_text(effect->source);
        for (within = 0; within < effect->argument_count; within++)
            is_text(effect->arguments[within]);
    }
    REQUIRE(docsift_report_effect(report, count) == NULL);

    count = docsift_report_indicator_count(report);
    for (index = 0; index < count; index++) {
        const docsift_indicator *indicator = docsift_report_indicator(report, index);
        is_text(indicator->kind);
        is_text(indicator->value);
        is_text(indicator->defanged);
        is_place(report, indicator->location);
    }
    REQUIRE(docsift_report_indicator(report, count) == NULL);

    count = docsift_report_part_count(report);
    for (index = 0; index < count; index++) {
        const docsift_part *part = docsift_report_part(report, index);
        REQUIRE(part->id == index && (part->parent < index || (index == 0 && part->parent == DOCSIFT_NO_PART)));
        is_text(part->path);
        is_text(part->kind);
        may_be_text(part->sha256);
        may_be_text(part->method);
        may_be_text(part->password);
        may_be_text(part->password_source);
        for (within = 0; within < part->run_count; within++)
            REQUIRE(part->runs[within].len <= docsift_report_part(report, part->parent)->size);
    }
    REQUIRE(docsift_report_part(report, count) == NULL);

    count = docsift_report_module_count(report);
    for (index = 0; index < count; index++) {
        const docsift_module *module = docsift_report_module(report, index);
        is_text(module->name);
        is_text(module->kind);
        is_text(module->source);
    }
    REQUIRE(docsift_report_module(report, count) == NULL);

    count = docsift_report_macro_sheet_count(report);
    for (index = 0; index < count; index++) {
        const docsift_macro_sheet *sheet = docsift_report_macro_sheet(report, index);
        is_text(sheet->sheet);
        is_text(sheet->visibility);
        for (within = 0; within < sheet->cell_count; within++) {
            const docsift_macro_cell *cell = docsift_report_macro_cell(report, index, within);
            is_text(cell->cell);
            is_text(cell->formula);
            may_be_text(cell->cached);
            may_be_text(cell->computed);
        }
        REQUIRE(docsift_report_macro_cell(report, index, within) == NULL);
    }
    REQUIRE(docsift_report_macro_sheet(report, count) == NULL);
    REQUIRE(docsift_report_macro_cell(report, count, 0) == NULL);

    count = docsift_report_text_count(report);
    for (index = 0; index < count; index++) {
        const docsift_text *text = docsift_report_text(report, index);
        is_text(text->text);
        is_text(text->source);
        is_place(report, text->location);
    }
    REQUIRE(docsift_report_text(report, count) == NULL);

    count = docsift_report_problem_count(report);
    for (index = 0; index < count; index++) {
        const docsift_problem *problem = docsift_report_problem(report, index);
        is_text(problem->kind);
        is_text(problem->stage);
        is_text(problem->message);
        is_place(report, problem->location);
    }
    REQUIRE(docsift_report_problem(report, count) == NULL);

    is_text(docsift_report_json(report));
    REQUIRE(docsift_report_json(report).data == docsift_report_json(report).data);
    REQUIRE(docsift_report_json(report).data[0] == '{');
}

struct sum {
    size_t parts;
    uint64_t bytes;
};

static void add(void *user, const docsift_visited *part)
{
    struct sum *sum = user;
    is_text(part->path);
    is_text(part->kind);
    REQUIRE(part->parent == DOCSIFT_NO_PART || part->parent < part->part);
    sum->parts++;
    sum->bytes += part->len;
}

static void parts(const docsift_analyzer *analyzer)
{
    docsift_report *report = NULL;
    docsift_input input = whole();
    struct sum sum = { 0, 0 };
    const uint8_t *kept = UNTOUCHED;
    uint64_t total = 0;
    size_t len = 7, index, there = 0;

    input.visit = add;
    input.user = &sum;
    input.keep_bytes = UINT64_MAX;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_OK);
    for (index = 0; index < docsift_report_part_count(report); index++) {
        if (docsift_report_part_bytes(report, index, &kept, &len) != DOCSIFT_RESULT_OK)
            continue;
        REQUIRE(kept != NULL && len == docsift_report_part(report, index)->size);
        there++;
        total += len;
    }
    REQUIRE(there > 1 && there == sum.parts && total == sum.bytes);
    REQUIRE(docsift_report_part_bytes(report, 0, &kept, &len) == DOCSIFT_RESULT_OK);
    REQUIRE(len == bytes_len && kept != bytes && memcmp(kept, bytes, len) == 0);
    kept = UNTOUCHED;
    len = 7;
    REQUIRE(docsift_report_part_bytes(report, index, &kept, &len) == DOCSIFT_RESULT_OUT_OF_RANGE);
    REQUIRE(docsift_report_part_bytes(report, 0, NULL, &len) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_report_part_bytes(report, 0, &kept, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    docsift_report_free(report);

    input.visit = NULL;
    input.keep_bytes = bytes_len - 1;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_OK);
    REQUIRE(docsift_report_part_bytes(report, 0, &kept, &len) == DOCSIFT_RESULT_NOT_KEPT);
    REQUIRE(kept == UNTOUCHED && len == 7);
    docsift_report_free(report);

    memset(&input, 0, sizeof input);
    input.size = sizeof input;
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_OK);
    REQUIRE(docsift_report_level(report) != DOCSIFT_LEVEL_NO_REPORT);
    REQUIRE(docsift_report_input(report)->size == 0 && docsift_report_input(report)->name.data == NULL);
    docsift_report_free(report);
}

static void traces(const docsift_analyzer *analyzer)
{
    docsift_trace *trace = UNTOUCHED, *other = UNTOUCHED;
    docsift_trace_options wanted = { 0 };
    docsift_input input = whole();
    docsift_str one, two;

    REQUIRE(docsift_trace_json(NULL).data == NULL && docsift_trace_json(NULL).len == 0);
    REQUIRE(!docsift_trace_complete(NULL));
    docsift_trace_free(NULL);

    REQUIRE(docsift_trace_new(NULL, &input, NULL, &trace) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_trace_new(analyzer, NULL, NULL, &trace) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_trace_new(analyzer, &input, NULL, NULL) == DOCSIFT_RESULT_NULL_POINTER);
    REQUIRE(docsift_trace_new(analyzer, &input, &wanted, &trace) == DOCSIFT_RESULT_BAD_STRUCT);
    wanted.size = sizeof wanted;
    wanted.repeats = (uint64_t)DOCSIFT_EVERY_TURN + 1;
    REQUIRE(docsift_trace_new(analyzer, &input, &wanted, &trace) == DOCSIFT_RESULT_BAD_OPTION);
    REQUIRE(strcmp(docsift_last_error(), "repeats of 4294967296 is too large") == 0);
    input.len = SIZE_MAX;
    REQUIRE(docsift_trace_new(analyzer, &input, NULL, &trace) == DOCSIFT_RESULT_OUT_OF_RANGE);
    REQUIRE(trace == UNTOUCHED);

    input = whole();
    REQUIRE(docsift_trace_new(analyzer, &input, NULL, &trace) == DOCSIFT_RESULT_OK && trace != UNTOUCHED);
    one = docsift_trace_json(trace);
    is_text(one);
    REQUIRE(one.data[0] == '{' && strlen(one.data) == one.len && docsift_trace_json(trace).data == one.data);
    /* Options that say nothing are the defaults. */
    wanted.repeats = 0;
    REQUIRE(docsift_trace_new(analyzer, &input, &wanted, &other) == DOCSIFT_RESULT_OK);
    two = docsift_trace_json(other);
    REQUIRE(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    REQUIRE(docsift_trace_complete(trace) == docsift_trace_complete(other));
    docsift_trace_free(trace);
    docsift_trace_free(other);
}

struct shared {
    const docsift_analyzer *analyzer;
    const docsift_report *report;
};

static void *work(void *argument)
{
    const struct shared *shared = argument;
    docsift_input input = whole();
    docsift_report *own = NULL;
    docsift_str one, other;

    REQUIRE(strcmp(docsift_last_error(), "") == 0);
    walk(shared->report);
    REQUIRE(docsift_analyze(shared->analyzer, &input, &own) == DOCSIFT_RESULT_OK);
    one = docsift_report_json(own);
    other = docsift_report_json(shared->report);
    REQUIRE(one.len == other.len && memcmp(one.data, other.data, one.len) == 0);
    docsift_report_free(own);
    return NULL;
}

static void threads(const docsift_analyzer *analyzer, const docsift_report *report)
{
    struct shared shared;
    pthread_t running[4];
    size_t index;

    shared.analyzer = analyzer;
    shared.report = report;
    for (index = 0; index < 4; index++)
        REQUIRE(pthread_create(&running[index], NULL, work, &shared) == 0);
    for (index = 0; index < 4; index++)
        REQUIRE(pthread_join(running[index], NULL) == 0);
}

int main(int argc, char **argv)
{
    docsift_analyzer *analyzer = NULL;
    docsift_report *report = NULL;
    docsift_input input;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;

    REQUIRE(file != NULL);
    bytes_len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    REQUIRE(bytes_len > 0);

    versions();
    options();
    no_report();
    REQUIRE(docsift_analyzer_new(NULL, &analyzer) == DOCSIFT_RESULT_OK);
    refused(analyzer);
    parts(analyzer);
    traces(analyzer);
    input = whole();
    REQUIRE(docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_OK);
    threads(analyzer, report);
    /* A report outlives its analyzer. */
    docsift_analyzer_free(analyzer);
    walk(report);
    docsift_report_free(report);
    puts("holds");
    return 0;
}
