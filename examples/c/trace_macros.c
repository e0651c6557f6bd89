/* Runs the Excel 4.0 macros of a file in docsift's machine, and prints each step as JSON (docs/trace.md).
 * A second argument is the text of an environment file: "country = 81". Ends with 3 when not everything
 * was read or a run did not come to its end, 2 on errors. */
#include <docsift.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 22];
    docsift_options *options = NULL;
    docsift_analyzer *analyzer = NULL;
    docsift_trace *trace = NULL;
    docsift_trace_options wanted = { 0 };
    docsift_input input = { 0 };
    FILE *file;
    int status = 2;

    if (argc < 2 || (file = fopen(argv[1], "rb")) == NULL) {
        fprintf(stderr, "usage: trace_macros FILE [ENVIRONMENT]\n");
        return 2;
    }
    input.size = sizeof input;
    input.bytes = bytes;
    input.len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* Every turn of a loop, and no more steps than a person reads. */
    wanted.size = sizeof wanted;
    wanted.repeats = DOCSIFT_EVERY_TURN;
    wanted.steps = 200;

    if (docsift_options_new(&options) == DOCSIFT_RESULT_OK
        && (argc < 3 || docsift_options_set_environment(options, argv[2]) == DOCSIFT_RESULT_OK)
        && docsift_analyzer_new(options, &analyzer) == DOCSIFT_RESULT_OK
        && docsift_trace_new(analyzer, &input, &wanted, &trace) == DOCSIFT_RESULT_OK) {
        printf("%s\n", docsift_trace_json(trace).data);
        status = docsift_trace_complete(trace) ? 0 : 3;
    } else {
        fprintf(stderr, "docsift: %s\n", docsift_last_error());
    }
    docsift_trace_free(trace);
    docsift_analyzer_free(analyzer);
    docsift_options_free(options);
    return status;
}
