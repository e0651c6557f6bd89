// The header in C++: the same names, and enumerations of 32 bits.
#include <docsift.h>

#include <cstdint>
#include <cstdio>
#include <type_traits>

static_assert(std::is_same<std::underlying_type<docsift_result>::type, std::int32_t>::value, "result");
static_assert(std::is_same<std::underlying_type<docsift_level>::type, std::int32_t>::value, "level");
static_assert(std::is_standard_layout<docsift_input>::value, "input");
static_assert(std::is_trivial<docsift_str>::value, "str");

int main(int argc, char **argv)
{
    docsift_analyzer *analyzer = nullptr;
    docsift_report *report = nullptr;
    docsift_input input{};
    input.size = sizeof input;
    input.bytes = reinterpret_cast<const std::uint8_t *>(argv[0]);
    input.len = 1;
    if (argc != 2 || docsift_analyzer_new(nullptr, &analyzer) != DOCSIFT_RESULT_OK)
        return 1;
    if (docsift_analyze(analyzer, &input, &report) != DOCSIFT_RESULT_OK)
        return 1;
    const bool holds = docsift_report_level(report) == DOCSIFT_LEVEL_INCONCLUSIVE;
    docsift_report_free(report);
    docsift_analyzer_free(analyzer);
    std::puts(holds ? "holds" : "does not hold");
    return 0;
}
