/* Scans one file: the verdict in a sentence, then what the document would do.
 * Ends with 1 when it is suspicious or malicious, 3 when not everything was read, 2 on errors. */
#include <docsift.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char *contents(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long size;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        *len = (size_t)size;
        bytes = malloc(*len + 1);
        if (bytes != NULL && fread(bytes, 1, *len, file) != *len) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    docsift_analyzer *analyzer = NULL;
    docsift_report *report = NULL;
    docsift_input input = { 0 };
    unsigned char *bytes;
    size_t index;
    int status;

    input.size = sizeof input;
    if (argc != 2 || (bytes = contents(argv[1], &input.len)) == NULL) {
        fprintf(stderr, "usage: scan_file FILE\n");
        return 2;
    }
    input.bytes = bytes;

    /* NULL for options: the defaults. */
    if (docsift_analyzer_new(NULL, &analyzer) != DOCSIFT_RESULT_OK
        || docsift_analyze(analyzer, &input, &report) != DOCSIFT_RESULT_OK) {
        fprintf(stderr, "docsift: %s\n", docsift_last_error());
        docsift_analyzer_free(analyzer);
        free(bytes);
        return 2;
    }

    printf("%s\n", docsift_report_sentence(report));
    for (index = 0; index < docsift_report_effect_count(report); index++) {
        const docsift_effect *effect = docsift_report_effect(report, index);
        /* Texts come from the document: a program that prints them to a terminal escapes them first. */
        printf("%s %s\n", effect->kind.data, effect->text.data);
    }

    switch (docsift_report_level(report)) {
    case DOCSIFT_LEVEL_NOTHING_FOUND:
        status = 0;
        break;
    case DOCSIFT_LEVEL_INCONCLUSIVE:
        status = 3;
        break;
    default:
        status = 1;
    }
    docsift_report_free(report);
    docsift_analyzer_free(analyzer);
    free(bytes);
    return status;
}
