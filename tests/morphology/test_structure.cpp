#include <roi/morphology/structure.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

using roi::Connectivity;
using roi::Shape;
using roi::Structure;

namespace {

std::string message_of(const auto& action) {
    try {
        action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

Structure along_x(std::vector<bool> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return {Shape(size, 1, 1), std::move(values)};
}

}  // namespace

TEST_CASE("connectivities are SciPy's generate_binary_structure of rank 3") {
    CHECK(Structure(Connectivity::faces).count() == 7);
    CHECK(Structure(Connectivity::edges).count() == 19);
    CHECK(Structure(Connectivity::corners).count() == 27);
    CHECK(Structure() == Structure(Connectivity::faces));
    CHECK(Structure::connectivity(Connectivity::edges) == Structure(Connectivity::edges));
    for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
        const Structure structure = connectivity;
        CHECK(structure.shape() == Shape(3, 3, 3));
        CHECK(structure.symmetric());
        CHECK(structure.count() == static_cast<int>(connectivity) + 1);
        CHECK(structure(1, 1, 1));
        CHECK(structure(0, 1, 1));
        CHECK(structure(0, 0, 1) == (connectivity != Connectivity::faces));
        CHECK(structure(2, 0, 2) == (connectivity == Connectivity::corners));
    }
    CHECK(message_of([] { Structure(static_cast<Connectivity>(8)); }) ==
          "connectivity: expected faces (6), edges (18) or corners (26), found 8");
}

TEST_CASE("a structure of one's own is checked") {
    CHECK(Structure(Shape(2, 1, 3), {true, false, true, true, false, false})(1, 0, 1));
    CHECK(message_of([] {
              Structure(Shape(2, 2, 1), {true, true, true});
          }) == "structure: a box of 2 x 2 x 1 needs 4 values, found 3");
    CHECK(message_of([] {
              Structure(Shape(3, 0, 3), {});
          }).find("structure: expected at least one voxel along each axis") == 0);
}

TEST_CASE("the centre is half the size, rounded down") {
    using Index = std::array<std::int64_t, 3>;
    CHECK(Structure(Shape(3, 5, 1), std::vector<bool>(15, true)).centre() == Index{1, 2, 0});
    CHECK(Structure(Shape(2, 4, 6), std::vector<bool>(48, true)).centre() == Index{1, 2, 3});
    CHECK(along_x({true, true}).offsets() == std::vector<Index>{{-1, 0, 0}, {0, 0, 0}});
    CHECK(along_x({true, true, false}).offsets() == std::vector<Index>{{-1, 0, 0}, {0, 0, 0}});
    CHECK(along_x({true, true, true}).offsets({-1, 0, 0}) ==
          std::vector<Index>{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}});
    CHECK(along_x({false, false}).offsets().empty());
}

TEST_CASE("an origin must keep the centre inside") {
    CHECK(along_x({true, true}).offsets({-1, 0, 0}).size() == 2);
    CHECK(message_of([] {
              (void)along_x({true, true}).offsets({1, 0, 0});
          }) ==
          "origin: (1, 0, 0) moves the centre (1, 0, 0) out of a structure of 2 x 1 x 1 voxels; keep it "
          "inside");
    CHECK_THROWS_AS(Structure().offsets({0, 0, -2}), roi::InvalidArgument);
    CHECK_THROWS_AS(Structure().offsets({0, 2, 0}), roi::InvalidArgument);
}

TEST_CASE("symmetric means the same in opposite directions") {
    CHECK(along_x({true, false, true}).symmetric());
    CHECK(along_x({true, true}).symmetric());
    CHECK_FALSE(along_x({true, true, false}).symmetric());
    CHECK(Structure(Shape(2, 2, 1), {true, false, false, true}).symmetric());
    CHECK_FALSE(Structure(Shape(2, 2, 1), {true, true, false, false}).symmetric());
}

TEST_CASE("iterated structures are SciPy's iterate_structure") {
    const Structure cross;
    CHECK(cross.iterated(1) == cross);
    CHECK(cross.iterated(0) == cross);
    CHECK(cross.iterated(-3) == cross);
    CHECK(cross.iterated(2).shape() == Shape(5, 5, 5));
    CHECK(cross.iterated(2).count() == 25);
    CHECK(cross.iterated(3).shape() == Shape(7, 7, 7));
    CHECK(cross.iterated(3).count() == 63);
    CHECK(Structure(Connectivity::corners).iterated(2).count() == 125);
    CHECK(along_x({true, true}).iterated(3) == along_x({true, true, true, true}));
    CHECK(along_x({true, false, true}).iterated(2) == along_x({true, false, true, false, true}));
    CHECK(along_x({true, true, false}).iterated(3) == along_x({true, true, true, true, false, false, false}));
    CHECK(along_x({false, false, false}).iterated(2) == along_x(std::vector<bool>(5, false)));
}
