// The box plot's table: which volumes land in which column.
#include <roi/signals/condition_table.hpp>
#include <roi/signals/condition_values.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using Names = std::vector<std::string>;

const roi::Column conditions({"rest", "face", "rest", "house", "face", "rest", "house"}, "labels");

Eigen::VectorXd counting(Eigen::Index n) { return Eigen::VectorXd::LinSpaced(n, 0.0, double(n) - 1.0); }

std::string failure(const Eigen::VectorXd& signal, const roi::Column& column,
                    std::optional<std::int64_t> rows = {}) {
    try {
        (void)roi::condition_table(signal, column, rows);
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    FAIL("nothing was thrown");
    return {};
}

bool has(const std::string& message, const std::string& part) {
    INFO(message);
    return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("conditions stand side by side in order of first appearance, cut to the rarest") {
    const auto table = roi::condition_table(counting(7), conditions);
    CHECK(table.names == Names{"rest", "face", "house"});
    Eigen::MatrixXd expected(2, 3);
    expected << 0, 1, 3, 2, 4, 6;
    CHECK(table.values == expected);
}

TEST_CASE("all values of each condition, however many it has") {
    const auto values = roi::condition_values(counting(7), conditions);
    REQUIRE(values.size() == 3);
    CHECK(values[0].name == "rest");
    CHECK(values[0].values == std::vector<double>{0, 2, 5});
    CHECK(values[2].name == "house");
    CHECK(values[2].values == std::vector<double>{3, 6});
    const roi::Column labels({"n/a", "face", ""});
    const auto one = roi::condition_values(counting(3), labels);
    REQUIRE(one.size() == 1);
    CHECK(one[0].values == std::vector<double>{1});
    CHECK_THROWS_AS(roi::condition_values(counting(2), labels), roi::InvalidArgument);
}

TEST_CASE("fewer volumes than the rarest condition has") {
    const auto table = roi::condition_table(counting(7), conditions, 1);
    CHECK(table.values == Eigen::RowVector3d(0, 1, 3));
}

TEST_CASE("a condition that is missing is none") {
    const roi::Column labels({"face", "n/a", "house", "", "face"});
    const auto table = roi::condition_table(counting(5), labels);
    CHECK(table.names == Names{"face", "house"});
    CHECK(table.values == Eigen::RowVector2d(0, 2));
}

TEST_CASE("signals may be columns of a matrix; NaN passes") {
    Eigen::MatrixXd signals(7, 2);
    signals << counting(7), -counting(7);
    signals(3, 1) = std::numeric_limits<double>::quiet_NaN();
    const auto table = roi::condition_table(signals.col(1), conditions);
    CHECK(table.values(1, 0) == -2.0);
    CHECK(std::isnan(table.values(0, 2)));
    CHECK(table.values(1, 2) == -6.0);
}

TEST_CASE("wrong lengths and counts are named") {
    CHECK(has(failure(counting(6), conditions), "condition_table: the signal has 6 values"));
    CHECK(has(failure(counting(6), conditions), "7 rows"));
    const roi::Column uneven({"rest", "rest", "face"}, "labels");
    const auto message = failure(counting(3), uneven, 2);
    CHECK(has(message, "2 volumes"));
    CHECK(has(message, "\"face\" has 1"));
    CHECK(has(failure(counting(3), uneven, 0), "1 or more"));
    CHECK(has(failure(counting(3), uneven, -1), "found -1"));
    CHECK(has(failure(counting(0), roi::Column(std::vector<std::string>{}), 1), "no volumes"));
}

TEST_CASE("no volumes, no conditions") {
    const auto table = roi::condition_table(counting(0), roi::Column(std::vector<std::string>{}));
    CHECK(table.names.empty());
    CHECK(table.values.size() == 0);
}

TEST_CASE("the tables of the notebook have 108 rows and 9 columns") {
    const auto file = test::shared_data("haxby2001-1slice/subj1/labels.txt");
    if (!file) return;
    const auto labels = roi::read_table(*file)["labels"].renamed("scrambledpix", "scrambled");
    const auto table = roi::condition_table(counting(1452), labels);
    CHECK(table.names ==
          Names{"rest", "scissors", "face", "cat", "shoe", "house", "scrambled", "bottle", "chair"});
    CHECK(table.values.rows() == 108);
    CHECK(table.values.cols() == 9);
    CHECK(table.values(0, 0) == 0.0);
    CHECK(table.values(5, 0) == 5.0);
    CHECK(table.values(6, 0) == 15.0);  // the second rest follows nine volumes of scissors
    CHECK(table.values(0, 1) == 6.0);
    CHECK(table.values(107, 2) == 1402.0);  // last face volume: line 1404 of labels.txt
}

TEST_CASE("a table of conditions becomes a table with a column a condition") {
    const auto table = roi::to_table(roi::condition_table(counting(7), conditions));
    REQUIRE(table.columns().size() == 3);
    CHECK(table.columns()[0].name == "rest");
    CHECK(table.numbers("rest") == std::vector<double>{0.0, 2.0});
    CHECK(table.numbers("face") == std::vector<double>{1.0, 4.0});
    CHECK(table.numbers("house") == std::vector<double>{3.0, 6.0});
    CHECK(has(roi::format_table(table, roi::TableFormat::tsv), "rest\tface\thouse\n0\t1\t3\n"));

    roi::ConditionTable unnamed;
    unnamed.values.resize(2, 1);
    CHECK_THROWS_AS(roi::to_table(unnamed), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::to_table(roi::ConditionTable{{"a", "a"}, Eigen::MatrixXd::Zero(2, 2)}),
                    roi::InvalidArgument);
}
