// seeds FOLDER FINDINGS: writes what fuzzing starts from, packed by the tests' own writer: one folder per target, and
// TARGET.list with the names of these files and of those in FINDINGS/TARGET, always in the same order.
#include "../header_bytes.hpp"
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using test::HeaderBytes;

std::filesystem::path root;

void seed(const char* target, const std::string& name, const std::string& content) {
    std::filesystem::create_directories(root / target);
    std::ofstream(root / target / name, std::ios::binary) << content;
}

std::string one(unsigned value) { return std::string(1, static_cast<char>(value)); }

std::string block(std::int32_t size, std::int32_t code, std::size_t bytes) {
    std::string out(8 + bytes, 'e');
    std::memcpy(out.data(), &size, 4);
    std::memcpy(out.data() + 4, &code, 4);
    return out;
}

void headers() {
    for (const int version : {1, 2}) {
        for (const bool big : {false, true}) {
            const auto name = std::to_string(version) + (big ? "be" : "le");
            const HeaderBytes plain(version, big);
            const auto voxels = plain.voxels(test::counting(24));
            for (const unsigned how : {0u, 1u, 4u}) {
                seed("header", name + "-file-" + std::to_string(how), one(how) + plain.bytes() + voxels);
            }
            HeaderBytes run(plain);
            run.dimensions({4, 3, 2, 1, 4, 1, 1, 1}).datatype(16).scaling(2.0, -1.0);
            seed("header", name + "-run", one(0) + run.bytes() + run.voxels(std::vector<float>(24, 1.5f)));
            HeaderBytes pair(plain);
            pair.magic(std::string_view(version == 2 ? "ni2\0" : "ni1\0", 4));
            version == 2 ? pair.put<std::int64_t>(168, 0) : pair.put<float>(108, 0.0f);
            seed("header", name + "-pair", one(version == 2 ? 18 : 2) + pair.bytes() + voxels);
            seed("header", name + "-pair-gz", one(version == 2 ? 23 : 7) + pair.bytes() + voxels);
            HeaderBytes forms(plain);
            if (version == 1) {
                forms.put<std::int16_t>(252, 1).put<std::int16_t>(254, 2);
                forms.put<float>(260, 1.0f).put<float>(280, 2.0f).put<float>(300, 3.0f).put<float>(320, 4.0f);
            } else {
                forms.put<std::int32_t>(344, 1).put<std::int32_t>(348, 2);
                forms.put<double>(360, 1.0).put<double>(400, 2.0).put<double>(440, 3.0).put<double>(480, 4.0);
            }
            seed("header", name + "-forms", one(0) + forms.bytes() + voxels);
            HeaderBytes analyze(plain);
            if (version == 1) {
                analyze.magic(std::string_view("\0\0\0\0", 4)).put<float>(108, 0.0f);
                seed("header", name + "-analyze", one(10) + analyze.bytes().substr(0, 348) + voxels);
            }
        }
    }
    for (const int type : {2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280, 1, 32, 128}) {
        const auto header = HeaderBytes{}.datatype(static_cast<std::int16_t>(type));
        seed("header", "type-" + std::to_string(type), one(0) + header.bytes() + std::string(192, '\1'));
    }
    auto extended = HeaderBytes{}.put<float>(108, 384.0f).bytes();
    extended[348] = 1;
    seed("header", "extension",
         one(0) + extended + block(32, 6, 24) + HeaderBytes{}.voxels(test::counting(24)));
}

void streams() {
    const std::string text = "one two three two one two three";
    for (const unsigned how : {0u, 5u, 10u, 15u}) {
        const auto start = one(how) + one(0);
        const auto name = std::to_string(how);
        seed("gzip", name + "-stored", start + test::gzip(text, 0));
        seed("gzip", name + "-packed", start + test::gzip(text, 9));
        seed("gzip", name + "-zeros", start + test::gzip(std::string(20000, '\0'), 9));
        seed("gzip", name + "-members", start + test::gzip(text) + test::gzip("") + test::gzip(text));
        seed("gzip", name + "-padded", start + test::gzip(text) + std::string(20, '\0') + test::gzip(text));
        seed("gzip", name + "-garbage", start + test::gzip(text) + "garbage");
        seed("gzip", name + "-cut", start + test::gzip(text).substr(0, 20));
        seed("gzip", name + "-plain", start + text);
        seed("gzip", name + "-content", one(how | 16) + one(0) + text + text);
    }
    // Every optional field of a member: extra, name, comment and header checksum.
    auto named = test::gzip(text);
    named[3] = 8 + 16 + 4;
    named.insert(10, std::string("\4\0abcdname\0comment\0", 20));
    seed("gzip", "fields", one(3) + one(0) + named);
}

void extensions() {
    for (unsigned how = 0; how < 8; ++how) {
        const auto start = one(how) + one(1);
        const auto name = std::to_string(how);
        seed("extension", name + "-none", start);
        seed("extension", name + "-no-flag", one(how) + one(0) + block(16, 6, 8));
        seed("extension", name + "-one", start + block(16, 6, 8));
        seed("extension", name + "-two", start + block(32, 6, 24) + block(16, 4, 8));
        seed("extension", name + "-negative", start + block(-16, 6, 8));
        seed("extension", name + "-short", start + block(4, 6, 8));
        seed("extension", name + "-huge", start + block(0x7fffffff, 6, 8));
        seed("extension", name + "-zeros", start + std::string(32, '\0'));
    }
}

void tables() {
    seed("table", "blanks", "labels chunks\nface 0\nhouse 1\n");
    seed("table", "tabs", "a\tb\tc\n1\t\t3\r\n4\t5\t6\r\n");
    seed("table", "commas",
         "\xEF\xBB\xBF"
         "a, b\r1, 2\r\r3, 4");
    seed("table", "short", "a b\n1\n");
    seed("table", "twice", "a a\n1 2\n");
    seed("table", "binary", std::string("a b\n1 \0\n", 8));
    seed("table", "header-only", "name");
}

void expressions() {
    const char* const texts[] = {"a",
                                 "(a-mean(a))/b",
                                 "a>3 & !b | c==1",
                                 "min(a,b)+max(-c,1e-3)",
                                 "sqrt(abs(log(exp(a))))",
                                 "a<=b >= c != d",
                                 "((((a))))",
                                 "- - -1.5e+2*a/.5",
                                 "a+",
                                 "foo(a)",
                                 "1e999",
                                 "a b"};
    for (int i = 0; i < 12; ++i) seed("expression", std::to_string(i), texts[i]);
    std::string sum = "a";
    for (int i = 0; i < 900; ++i) sum += "+a";
    seed("expression", "long", sum);
    seed("expression", "deep", std::string(150, '(') + "a" + std::string(150, ')'));
}

void region_names() {
    seed("names", "bids", "index\tname\tcolor\n1\tLeft\t#ff0000\n2\t\"a \"\"b\"\"\"\tn/a\n");
    seed("names", "csv", "\"index\",\"name\"\n3,\"x, y\"\n");
    seed("names", "freesurfer", "# lut\n0 Unknown 0 0 0 0\n17 Left-Hippocampus 220 216 20 0\n");
    seed("names", "fsleyes", "1 0.1 0.2 0.3 A name\n2 1 1 1 B\n");
    seed("names", "itk_snap", "1 255 0 0 1 1 1 \"Label 1\"\n");
    seed("names", "two", "1 A b\r\n-2,C\n3.0 D\n");
    seed("names", "fsl",
         "<?xml version=\"1.0\"?><atlas><header><type>Probabilistic</type></header><data>"
         "<label index=\"0\" x=\"1\">A &amp; &#233;</label><!-- no --><label "
         "index='1'>B</label></data></atlas>");
    seed("names", "aal",
         "<atlas><data><label><index>2001</index><name><![CDATA[A<b]]></name></label></data></atlas>");
}

void event_tables() {
    const std::string start("\3\40\0", 3);
    seed("events", "bids", start + "onset\tduration\ttrial_type\n0\t4\tface\n6.5\t2\thouse\n20\tn/a\tcat\n");
    seed("events", "overlap", start + "onset,duration,trial_type\n0,9,a\n1,2,b\n-3,5,a\n");
    seed("events", "without", start + "onset duration trial_type\n1 2 n/a\n3 -4 b\n");
    seed("events", "numbers", start + "onset duration trial_type\n1e308 1e308 a\n1e-320 inf b\n");
    seed("events", "rest", start + "duration trial_type onset\n2.5 rest 2.5\n1e-6 a 5\n");
}

void scans() {
    for (const int version : {1, 2}) {
        for (const bool big : {false, true}) {
            const auto name = std::to_string(version) + (big ? "be" : "le");
            for (const int type : {2, 4, 16, 64, 1024}) {
                HeaderBytes run(version, big);
                run.dimensions({4, 3, 2, 1, 4, 1, 1, 1}).datatype(static_cast<std::int16_t>(type));
                const auto bytes = run.bytes() + run.voxels(std::vector<float>(48, 1.5f));
                for (const unsigned how : {0u, 4u}) {
                    seed("scan", name + "-" + std::to_string(type) + "-" + std::to_string(how),
                         one(how) + one(how == 0 ? 96 : 0) + bytes);
                }
            }
            HeaderBytes scaled(version, big);
            scaled.dimensions({4, 2, 2, 2, 3, 1, 1, 1}).datatype(4).scaling(0.5, -3.0);
            seed("scan", name + "-scaled",
                 one(0) + one(40) + scaled.bytes() + scaled.voxels(test::counting(24)));
        }
    }
}

void sequences() {
    // A few bits of a linear generator; what they do is as good as anything.
    unsigned state = 1;
    for (int i = 0; i < 40; ++i) {
        std::string bytes;
        for (int k = 0; k < 20 + 4 * i; ++k) {
            state = state * 1664525u + 1013904223u;
            bytes += one(state >> 24);
        }
        seed("operations", std::to_string(i), bytes);
    }
}

/// A folder lists its files in any order, and in another one on another disk.
void list(const std::string& target, const std::filesystem::path& findings) {
    std::vector<std::string> names;
    for (const auto& folder : {root / target, findings / target}) {
        if (!std::filesystem::exists(folder)) continue;  // nothing was found yet
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            names.push_back(entry.path().string());
    }
    const auto name_alone = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
    std::sort(names.begin(), names.end(),
              [&](const std::string& a, const std::string& b) { return name_alone(a) < name_alone(b); });
    std::ofstream out(root / (target + ".list"));
    for (const auto& name : names) out << (name == names.front() ? "" : ",") << name;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: seeds FOLDER FINDINGS\n", stderr);
        return 2;
    }
    root = argv[1];
    headers();
    streams();
    extensions();
    tables();
    expressions();
    region_names();
    event_tables();
    scans();
    sequences();
    for (const char* target :
         {"header", "gzip", "extension", "table", "expression", "names", "events", "scan", "operations"}) {
        list(target, argv[2]);
    }
    return 0;
}
