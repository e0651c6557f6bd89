/* Walks the findings of a file with their proof, and what could not be read.
 * With a second argument, --json, prints the whole report instead. */
#include <docsift.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_place(const docsift_report *report, const docsift_location *place)
{
    const docsift_part *part = docsift_report_part(report, place->part);

    printf("  %s", part->path.data);
    if (place->cell.data != NULL)
        printf(" %s", place->cell.data);
    else if (place->line != 0)
        printf(" line %u", place->line);
    else if (place->has_bytes)
        printf(" bytes %llu to %llu", (unsigned long long)place->start, (unsigned long long)place->end);
}

static void print_findings(const docsift_report *report)
{
    size_t index, within;

    for (index = 0; index < docsift_report_finding_count(report); index++) {
        const docsift_finding *finding = docsift_report_finding(report, index);

        printf("%s %s (severity %d): %s\n", finding->rule.data, finding->name.data, (int)finding->severity,
               finding->message.data);
        for (within = 0; within < finding->evidence_count; within++) {
            const docsift_evidence *evidence = docsift_report_evidence(report, index, within);
            print_place(report, evidence->location);
            printf(": ");
            /* The length counts: a text from a document can have NUL within it. */
            fwrite(evidence->text.data, 1, evidence->text.len, stdout);
            printf("\n");
        }
    }
    for (index = 0; index < docsift_report_problem_count(report); index++) {
        const docsift_problem *problem = docsift_report_problem(report, index);
        if (strcmp(problem->kind.data, "recovered") != 0)
            printf("not read: %s\n", problem->message.data);
    }
}

int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 22];
    docsift_analyzer *analyzer = NULL;
    docsift_report *report = NULL;
    docsift_input input = { 0 };
    FILE *file;
    int status = 2;

    if (argc < 2 || (file = fopen(argv[1], "rb")) == NULL) {
        fprintf(stderr, "usage: walk_findings FILE [--json]\n");
        return 2;
    }
    input.size = sizeof input;
    input.bytes = bytes;
    input.len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);

    if (docsift_analyzer_new(NULL, &analyzer) == DOCSIFT_RESULT_OK
        && docsift_analyze(analyzer, &input, &report) == DOCSIFT_RESULT_OK) {
        if (argc > 2 && strcmp(argv[2], "--json") == 0)
            printf("%s\n", docsift_report_json(report).data);
        else
            print_findings(report);
        status = 0;
    } else {
        fprintf(stderr, "docsift: %s\n", docsift_last_error());
    }
    docsift_report_free(report);
    docsift_analyzer_free(analyzer);
    return status;
}
