// The same in C++17: objects that free themselves, failures as exceptions, texts as string_view.
// Prints the sentence and the indicators, defanged; a visitor counts the bytes of all parts.
#include <docsift.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace docsift {

struct Free {
    void operator()(docsift_options *options) const noexcept { docsift_options_free(options); }
    void operator()(docsift_analyzer *analyzer) const noexcept { docsift_analyzer_free(analyzer); }
    void operator()(docsift_report *report) const noexcept { docsift_report_free(report); }
};

using Options = std::unique_ptr<docsift_options, Free>;
using Analyzer = std::unique_ptr<docsift_analyzer, Free>;
using Report = std::unique_ptr<docsift_report, Free>;

inline void check(docsift_result result)
{
    if (result != DOCSIFT_RESULT_OK)
        throw std::runtime_error(docsift_last_error());
}

inline std::string_view view(docsift_str text) noexcept
{
    return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.len};
}

inline Options make_options()
{
    docsift_options *options = nullptr;
    check(docsift_options_new(&options));
    return Options{options};
}

inline Analyzer make_analyzer(const Options &options)
{
    docsift_analyzer *analyzer = nullptr;
    check(docsift_analyzer_new(options.get(), &analyzer));
    return Analyzer{analyzer};
}

inline Report analyze(const Analyzer &analyzer, const docsift_input &input)
{
    docsift_report *report = nullptr;
    check(docsift_analyze(analyzer.get(), &input, &report));
    return Report{report};
}

} // namespace docsift

// No exception may leave a visitor, so that it cannot throw.
extern "C" void count_bytes(void *user, const docsift_visited *part) noexcept
{
    *static_cast<std::uint64_t *>(user) += part->len;
}

int main(int argc, char **argv)
try {
    if (argc != 2) {
        std::cerr << "usage: scan_raii FILE\n";
        return 2;
    }
    std::ifstream file{argv[1], std::ios::binary};
    const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};

    auto options = docsift::make_options();
    docsift::check(docsift_options_rule_severity(options.get(), "ENC002", DOCSIFT_SEVERITY_LOW));
    const auto analyzer = docsift::make_analyzer(options);

    std::uint64_t total = 0;
    docsift_input input{};
    input.size = sizeof input;
    input.bytes = reinterpret_cast<const std::uint8_t *>(bytes.data());
    input.len = bytes.size();
    input.visit = count_bytes;
    input.user = &total;
    const auto report = docsift::analyze(analyzer, input);

    const docsift_verdict *verdict = docsift_report_verdict(report.get());
    std::cout << docsift::view(verdict->sentence) << '\n';
    for (std::size_t index = 0; index < docsift_report_indicator_count(report.get()); ++index) {
        const docsift_indicator *indicator = docsift_report_indicator(report.get(), index);
        std::cout << docsift::view(indicator->kind) << ' ' << docsift::view(indicator->defanged) << '\n';
    }
    std::cout << total << " bytes in all parts\n";
    return verdict->level >= DOCSIFT_LEVEL_SUSPICIOUS ? 1 : 0;
} catch (const std::exception &error) {
    std::cerr << "docsift: " << error.what() << '\n';
    return 2;
}
