/* Scans what comes in on standard input, from memory, with passwords to try:
 *   scan_buffer PASSWORD... < FILE
 * Prints the sentence, then each part with its size, its first bytes, and the password that opened it. */
#include <docsift.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char *input_bytes(size_t *len)
{
    size_t room = 1 << 16;
    unsigned char *bytes = malloc(room);

    *len = 0;
    while (bytes != NULL) {
        size_t got = fread(bytes + *len, 1, room - *len, stdin);
        unsigned char *more;
        if (got == 0)
            break;
        *len += got;
        if (*len < room)
            continue;
        room *= 2;
        more = realloc(bytes, room);
        if (more == NULL)
            free(bytes);
        bytes = more;
    }
    return bytes;
}

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, docsift_last_error());
    return 2;
}

static int print_report(const docsift_report *report)
{
    size_t index, at;

    printf("%s\n", docsift_report_sentence(report));
    for (index = 0; index < docsift_report_part_count(report); index++) {
        const docsift_part *part = docsift_report_part(report, index);
        const uint8_t *bytes;
        size_t len;

        printf("%s %llu", part->path.data, (unsigned long long)part->size);
        if (docsift_report_part_bytes(report, index, &bytes, &len) == DOCSIFT_RESULT_OK) {
            for (at = 0; at < len && at < 4; at++)
                printf(" %02x", bytes[at]);
        }
        if (part->password.data != NULL)
            printf(" opened with \"%s\"", part->password.data);
        printf("\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    docsift_options *options = NULL;
    docsift_analyzer *analyzer = NULL;
    docsift_report *report = NULL;
    docsift_limits limits = { 0 };
    docsift_input input = { 0 };
    unsigned char *bytes;
    int index, status = 0;

    if (docsift_options_new(&options) != DOCSIFT_RESULT_OK)
        return failed("options");
    for (index = 1; index < argc && status == 0; index++) {
        if (docsift_options_add_password(options, argv[index]) != DOCSIFT_RESULT_OK)
            status = failed("password");
    }
    /* What is not set keeps its default. */
    limits.size = sizeof limits;
    limits.total_bytes = 256u << 20;
    if (status == 0 && docsift_options_set_limits(options, &limits) != DOCSIFT_RESULT_OK)
        status = failed("limits");
    if (status == 0 && docsift_analyzer_new(options, &analyzer) != DOCSIFT_RESULT_OK)
        status = failed("analyzer");
    docsift_options_free(options);

    input.size = sizeof input;
    bytes = input_bytes(&input.len);
    if (bytes == NULL && status == 0) {
        fprintf(stderr, "no memory for the input\n");
        status = 2;
    }
    input.bytes = bytes;
    input.keep_bytes = 16u << 20;
    if (status == 0 && docsift_analyze(analyzer, &input, &report) != DOCSIFT_RESULT_OK)
        status = failed("analyze");
    if (status == 0)
        status = print_report(report);

    docsift_report_free(report);
    docsift_analyzer_free(analyzer);
    free(bytes);
    return status;
}
