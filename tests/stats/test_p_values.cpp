// p, -log10 p and z of single statistics against numbers computed with 60 digits, and back again.
#include <roi/stats/p_values.hpp>

#include "catch.hpp"
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using roi::Alternative;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

auto close(double value) { return Approx(value).epsilon(1e-11).margin(0); }

struct OfT {
    double t, df, two_sided, greater;
};
constexpr OfT of_t[] = {
    {1e-08, 1, 2.7648045508980947295e-9, 0.30102999842878574611},
    {0.1, 1, 0.028469511685737253613, 0.32949950734971844883},
    {0.9, 1, 0.27288558867027855248, 0.57391558433425974769},
    {2.2, 1, 0.5660710378047963706, 0.86710103346877756582},
    {5, 1, 0.90078249746240648168, 1.2018124931263876769},
    {17, 1, 1.4270689652693080491, 1.7280989609332892443},
    {60, 1, 1.9743113350262605978, 2.275341330690241793},
    {1000, 1, 3.1961200217949172288, 3.497150017458898424},
    {1000000.0, 1, 6.196119877030297424, 6.4971498726942786192},
    {1e+100, 1, 100.19611987703015267, 100.49714987269413386},
    {1e-08, 2.5, 3.1426306583802431758e-9, 0.30102999880661185359},
    {0.1, 2.5, 0.032542568613761069945, 0.33357256427774226516},
    {0.9, 2.5, 0.35040819121421229926, 0.65143818687819349447},
    {2.2, 2.5, 0.87642931950097579626, 1.1774593151649569915},
    {5, 2.5, 1.6298351152232300827, 1.9308651108872112779},
    {17, 2.5, 2.9217961453922400024, 3.2228261410562211976},
    {60, 2.5, 4.2877072103041063359, 4.5887372059680875311},
    {1000, 2.5, 7.3420370189318657896, 7.6430670145958469848},
    {1000000.0, 2.5, 14.842035963357284878, 15.143065959021266073},
    {1e+100, 2.5, 249.84203596335622932, 250.14306595902021051},
    {1e-08, 9, 3.3704284072543760857e-9, 0.30102999903440960247},
    {0.1, 9, 0.035016466541512426923, 0.33604646220549362214},
    {0.9, 9, 0.40719578298684218376, 0.70822577865082337898},
    {2.2, 9, 1.2569563500380580223, 1.5579863457020392175},
    {5, 9, 3.131374420736397119, 3.4324044164003783142},
    {17, 9, 7.4216656418348508609, 7.7226956374988320561},
    {60, 9, 12.300926604916187574, 12.60195660058016877},
    {1000, 9, 23.293145158557172298, 23.594175154221153493},
    {1000000.0, 9, 50.2931291687109128, 50.594159164374893995},
    {1e+100, 9, 896.29312916869492293, 896.59415916435890412},
    {1e-08, 37, 3.4418370815655994258e-9, 0.30102999910581827678},
    {0.1, 37, 0.035794974417662035157, 0.33682497008164323037},
    {0.9, 37, 0.42719709159559693417, 0.72822708725957812939},
    {2.2, 37, 1.4668623178864599499, 1.7678923135504411451},
    {5, 37, 4.8505944402409938469, 5.1516244359049750421},
    {17, 37, 18.343143519563786949, 18.644173515227768144},
    {60, 37, 37.745008019836397241, 38.046038015500378436},
    {1000, 37, 82.873652617346399329, 83.174682613010380524},
    {1000000.0, 37, 193.87336297083986425, 194.17439296650384545},
    {1e+100, 37, 3671.8733629705502124, 3672.1743929662141936},
    {1e-08, 214, 3.4611229174701619102e-9, 0.30102999912510411268},
    {0.1, 214, 0.03600548661481999209, 0.3370354822788011873},
    {0.9, 214, 0.4328184277416795508, 0.73384842340566074602},
    {2.2, 214, 1.5394476964141831856, 1.8404776920781643808},
    {5, 214, 5.9236278484527968791, 6.2246578441167780743},
    {17, 214, 40.85841617775307001, 41.159446173417051205},
    {60, 214, 135.10481446546893317, 135.40584446113291437},
    {1000, 214, 393.91939780522030411, 394.22042780088428531},
    {1000000.0, 214, 1035.9095004382450206, 1036.2105304339090017},
    {1e+100, 214, 21151.909500428346586, 21152.210530424010567},
    {1e-08, 1450, 3.4645712420267487769e-9, 0.30102999912855243724},
    {0.1, 1450, 0.036043137948896501337, 0.33707313361287769655},
    {0.9, 1450, 0.43383401981261792424, 0.73486401547659911946},
    {2.2, 1450, 1.5533979937322732831, 1.8544279893962544783},
    {5, 1450, 6.1916922637416359709, 6.4927222594056171661},
    {17, 1450, 58.516001231476904351, 58.817031227140885546},
    {60, 1450, 394.49989228287768006, 394.80092227854166126},
    {1000, 1450, 2060.1429243893466309, 2060.4439543850106121},
    {1000000.0, 1450, 6409.6870176538664241, 6409.9880476495304053},
    {1e+100, 1450, 142709.68701719762879, 142709.98804719329277},
    {1e-08, 1000000.0, 3.4651677670568097006e-9, 0.30102999912914896227},
    {0.1, 1000000.0, 0.036049651603235880699, 0.33707964726721707591},
    {0.9, 1000000.0, 0.43401003520095958127, 0.73504003086494077648},
    {2.2, 1000000.0, 1.5558439434023949922, 1.8568739390663761874},
    {5, 1000000.0, 6.2415424726487903189, 6.5425724683127715141},
    {1000, 1000000.0, 150517.94537747414684, 150518.24640746981082},
};

struct Row {
    double a, b, value;
};
constexpr Row of_chi_square[] = {
    {1e-06, 1.0, 0.0003466551179578636452},
    {0.5, 1.0, 0.31921127782572033173},
    {5.0, 1.0, 1.5960679749960894394},
    {80.0, 1.0, 18.426652863760879106},
    {1000.0, 1.0, 218.7457341042050113},
    {3000.0, 1.0, 653.27848806514050374},
    {20000.0, 1.0, 4345.1934156808757674},
    {1e-06, 2.0, 2.17147240951625904e-7},
    {0.5, 2.0, 0.10857362047581295691},
    {5.0, 2.0, 1.0857362047581295691},
    {80.0, 2.0, 17.371779276130073106},
    {1000.0, 2.0, 217.14724095162591383},
    {3000.0, 2.0, 651.44172285487774148},
    {20000.0, 2.0, 4342.9448190325182765},
    {1e-06, 3.5, 2.5386251200725144524e-12},
    {0.5, 3.5, 0.020890684356919737277},
    {5.0, 3.5, 0.64389513761668559293},
    {80.0, 3.5, 16.125560199843623828},
    {1000.0, 3.5, 215.0857078780423451},
    {3000.0, 3.5, 649.02278241263112753},
    {20000.0, 3.5, 4339.9081315213420198},
    {1e-06, 8.0, 1.1309747608997270285e-27},
    {0.5, 8.0, 0.000057925566113744830966},
    {5.0, 8.0, 0.12057371591064722705},
    {80.0, 8.0, 13.310792002588872275},
    {1000.0, 8.0, 209.82587382678171755},
    {3000.0, 8.0, 642.69073144998711212},
    {20000.0, 8.0, 4331.7228399880442349},
    {5.0, 100.0, 9.7225459117253367572e-47},
    {80.0, 100.0, 0.031673550178939570002},
    {1000.0, 100.0, 147.63712624502448594},
    {3000.0, 100.0, 558.5829422757214801},
    {20000.0, 100.0, 4209.7267908417551998},
    {1000.0, 1000.0, 0.30622658771901511802},
    {3000.0, 1000.0, 197.78418151794905575},
    {20000.0, 1000.0, 3478.3100292816160654},
    {24000.0, 1.0, 5213.8219664921116524},
    {24000.0, 3.5, 5208.4377148213690383},
    {30000.0, 1000.0, 5561.9204365347300887},
    // Of so many degrees of freedom that Boost's function loses digits.
    {950000.0, 1e6, 7.1548721453997861937e-284},
    {1e6, 1e6, 0.30119337600880731108},
    {1001000.0, 1e6, 0.62037399359967892373},
    {1030000.0, 1e6, 97.531560717893196178},
    {1230000.0, 1e6, 4993.9200222134943823},
    {999776393.0, 1e9, 1.2425747042141096921e-7},
    {1e9, 1e9, 0.30103516126309271777},
    {1000447213.0, 1e9, 23.111524994776007827},
    {1001654690.0, 1e9, 298.91454766771998488},
    {1007155417.0, 1e9, 5535.1954493436835797},
};
struct OfR {
    double r, n, two_sided, greater;
};
constexpr OfR of_r[] = {
    {1e-09, 20, 1.4498793007541201665e-9, 0.30102999711386049597},
    {0.1, 20, 0.17077908390183008225, 0.47180907956581127747},
    {0.6, 20, 2.2871041270822319743, 2.5881341227462131695},
    {0.95, 20, 9.8107253164722377067, 10.111755312136218902},
    {0.999999, 20, 52.022456569816579787, 52.323486565480560983},
    {0.3, 1452, 30.853904036452748269, 31.154934032116729464},
    {0.8, 1452, 323.26276383057581704, 323.56379382623979823},
    {0.99, 1452, 1235.0059796882930512, 1235.3070096839570324},
    {0.999999, 1452, 4133.4322289506376573, 4133.7332589463016385},
    {0.9999999999, 1002, 4851.0831527240983447, 4851.3841827197623259},
    {0.05, 1000000.0, 545.34393623955697789, 545.64496623522095908},
    {0.2, 1000000.0, 8866.7648514797341272, 8867.0658814753981084},
};
constexpr Row z_of_t[] = {
    {1e-06, 5.0, 9.5153286194809783344e-7},  {0.3, 5.0, 0.28421053526118155525},
    {2.0, 5.0, 1.6355228967003490732},       {5.0, 214.0, 4.8569190225248497284},
    {40.0, 214.0, 21.365888310902933917},    {1000.0, 214.0, 42.498402851614501387},
    {1000000.0, 3.0, 8.7462646402616741133},
};
struct OfZ {
    double z, greater;
};
constexpr OfZ of_z[] = {
    {1.0e-10, 0.30102999569863288141}, {0.3, 0.41783594495429950001},  {1.0, 0.79954554149197050003},
    {5.0, 6.5426456723906544963},      {10.0, 23.118053405486075894},  {24.9, 136.42944780517848268},
    {25.1, 138.60438355869868956},     {40.0, 349.43700645934584209},  {100.0, 2173.8715428690343765},
    {150.0, 4888.3881219046505793},    {152.0, 5019.5508072638273479}, {1000.0, 217150.64004199438628},
};

struct OfF {
    double f, df1, df2, value;
};
constexpr OfF of_f[] = {
    {0.5, 2, 9, .20590870752303806434},     {1e6, 7, 1443, 2652.7657438879712134},
    {3.7, 2, 9, 1.1727060237376785889},     {1e300, 2, 9, 1347.0605436880109535},
    {25, 3, 100, 11.425144134990481097},    {1e-8, 2, 9, 4.3429448142070241312e-9},
    {1000, 5, 200, 138.63817379693617788},  {5.5, 8, 963, 6.0860229605237209516},
    {1e3, 7, 4000, 871.4238658707576358},   {1e4, 7, 4000, 2526.6718116743022911},
    {1e100, 3, 120, 5902.9321704812442072}, {40, 150, 2e4, 997.94684814813504567},
};

}  // namespace

TEST_CASE("p_values: -log10 p of t, far beyond what a double holds") {
    for (const auto& [t, df, two_sided, greater] : of_t) {
        INFO("t " << t << ", df " << df);
        CHECK(roi::neg_log10_p_of_t(t, df) == close(two_sided));
        CHECK(roi::neg_log10_p_of_t(-t, df) == close(two_sided));
        CHECK(roi::neg_log10_p_of_t(t, df, Alternative::greater) == close(greater));
        CHECK(roi::neg_log10_p_of_t(-t, df, Alternative::less) == close(greater));
        const double other = 0.0 - std::log1p(-std::pow(10.0, -greater)) / std::log(10.0);
        CHECK(roi::neg_log10_p_of_t(t, df, Alternative::less) == Approx(other).epsilon(1e-10).margin(1e-300));
        if (two_sided < 280.0) {
            CHECK(roi::p_of_t(t, df) ==
                  Approx(std::pow(10.0, -two_sided)).epsilon(1e-12 * (3.0 + two_sided)).margin(0));
        }
    }
    CHECK(roi::neg_log10_p_of_t(40, 214) == close(100.55669954007386285));
    CHECK(roi::neg_log10_p_of_t(50, 1e6) == close(543.98730751480713087));
}

TEST_CASE("p_values: -log10 p of F") {
    for (const auto& [f, df1, df2, value] : of_f) {
        INFO("F " << f << ", df " << df1 << ", " << df2);
        CHECK(roi::neg_log10_p_of_f(f, df1, df2) == close(value));
        if (value < 280.0)
            CHECK(-std::log10(roi::p_of_f(f, df1, df2)) == Approx(value).epsilon(1e-12).margin(1e-15));
    }
    for (const auto& [t, df, two_sided, greater] : of_t) {
        INFO("t " << t << ", df " << df);
        CHECK(roi::neg_log10_p_of_f(t * t, 1.0, df) == close(two_sided));
    }
}

TEST_CASE("p_values: -log10 p of z and chi-square") {
    for (const auto& [z, greater] : of_z) {
        INFO("z " << z);
        CHECK(roi::neg_log10_p_of_z(z, Alternative::greater) == close(greater));
        CHECK(roi::neg_log10_p_of_z(-z, Alternative::less) == close(greater));
        if (z > 0.1) CHECK(roi::z_of_neg_log10_p(greater, Alternative::greater) == close(z));
        CHECK(roi::neg_log10_p_of_chi_square(z * z, 1.0) == close(roi::neg_log10_p_of_z(z)));
    }
    for (const auto& [chi_square, df, value] : of_chi_square) {
        INFO("chi-square " << chi_square << ", df " << df);
        CHECK(roi::neg_log10_p_of_chi_square(chi_square, df) == close(value));
        CHECK(roi::neg_log10_p_of_f(chi_square / df, df, infinity) == close(value));
    }
    CHECK(roi::z_of_neg_log10_p(50, Alternative::greater) == close(14.933337534788489));
    CHECK(roi::z_of_neg_log10_p(400, Alternative::greater) == close(42.810227206611341));
    CHECK(roi::z_of_neg_log10_p(1000, Alternative::greater) == close(67.785685596602620));
    CHECK(roi::z_of_p(0.001) == close(3.090232306167813));
    CHECK(roi::z_of_p(0.0005) == close(3.2905267314918945));
    CHECK(roi::z_of_p(0.95) == close(-1.6448536269514729));
    CHECK(roi::z_of_p(0.025) == close(1.9599639845400545));
}

TEST_CASE("p_values: z of a t and back, without passing through p") {
    for (const auto& [t, df, z] : z_of_t) {
        INFO("t " << t << ", df " << df);
        CHECK(roi::z_of_t(t, df) == close(z));
        CHECK(roi::z_of_t(-t, df) == close(-z));
    }
    for (const auto& [t, df, two_sided, greater] : of_t) {
        if (df == 1e6 && t > 100) continue;  // z beyond the square root of what a double holds digits for
        INFO("t " << t << ", df " << df);
        CHECK(roi::t_of_z(roi::z_of_t(t, df), df) == Approx(t).epsilon(1e-9).margin(0));
        if (t < 0.05) continue;  // -log10 p is 0 but for its last digits
        CHECK(roi::t_of_neg_log10_p(two_sided, df) == Approx(t).epsilon(1e-10).margin(0));
        CHECK(roi::t_of_neg_log10_p(greater, df, Alternative::greater) == Approx(t).epsilon(1e-10).margin(0));
        CHECK(roi::t_of_neg_log10_p(greater, df, Alternative::less) == Approx(-t).epsilon(1e-10).margin(0));
    }
    CHECK(roi::t_of_neg_log10_p(-std::log10(0.05), 4) == close(2.7764451051977996));
    CHECK(roi::t_of_neg_log10_p(-std::log10(0.05), 4, Alternative::greater) == close(2.1318467863266495));
    CHECK(roi::t_of_neg_log10_p(-std::log10(0.95), 4, Alternative::greater) == close(-2.1318467863266495));
    // z of F has the upper tail of F, also where that is nearly 1.
    CHECK(roi::z_of_f(3.7, 2, 9) ==
          close(roi::z_of_neg_log10_p(1.1727060237376785889, Alternative::greater)));
    CHECK(roi::z_of_f(1e-8, 2, 9) == close(-roi::z_of_p(-std::expm1(-4.5 * std::log1p(2e-8 / 9.0)))));
    // Squares that a double does not hold: 1 / (pi p) of one degree of freedom, 1 / sqrt(2 p) of two.
    CHECK(roi::t_of_neg_log10_p(160, 1, Alternative::greater) ==
          Approx(3.183098861837907e159).epsilon(1e-10));
    CHECK(roi::t_of_neg_log10_p(300, 1, Alternative::less) == Approx(-3.183098861837907e299).epsilon(1e-10));
    CHECK(roi::t_of_neg_log10_p(310, 2, Alternative::greater) ==
          Approx(7.0710678118654755e154).epsilon(1e-10));
    CHECK(roi::t_of_neg_log10_p(310, 1) == std::numeric_limits<double>::infinity());
    CHECK(roi::t_of_neg_log10_p(1000, 3) == std::numeric_limits<double>::infinity());
    // However far beyond the largest double t lies; z, whose square counts, is one for all p.
    for (const double far : {1e5, 1e100, 1e300, 1e308}) {
        CHECK(roi::t_of_neg_log10_p(far, 10) == std::numeric_limits<double>::infinity());
        CHECK(roi::t_of_neg_log10_p(far, 10, Alternative::greater) ==
              std::numeric_limits<double>::infinity());
        CHECK(roi::t_of_neg_log10_p(far, 10, Alternative::less) == -std::numeric_limits<double>::infinity());
    }
    CHECK(roi::z_of_neg_log10_p(1e300) == Approx(2.1459660262893473e150).epsilon(1e-13));
    CHECK(roi::z_of_neg_log10_p(1e308) == Approx(2.1459660262893473e154).epsilon(1e-13));
    CHECK(roi::z_of_neg_log10_p(1e308, Alternative::less) == Approx(-2.1459660262893473e154).epsilon(1e-13));
    for (const double far : {1e10, 1e15, 1e17, 1e19, 1e22, 5e307}) {
        const double z = roi::z_of_neg_log10_p(far);
        CHECK(z == Approx(2.1459660262893473 * std::sqrt(far)).epsilon(1e-8));
        if (far < 1e300) CHECK(roi::neg_log10_p_of_z(z) == Approx(far).epsilon(1e-14));
    }
    // The last t that is a double.
    CHECK(roi::t_of_neg_log10_p(3000, 10) ==
          Approx(roi::t_of_neg_log10_p(3000, 10, Alternative::greater)).epsilon(0.1));
    CHECK(std::isfinite(roi::t_of_neg_log10_p(3000, 10)));
    CHECK(roi::t_of_z(36, 1) == Approx(7.6102876e282).epsilon(1e-6));
}

TEST_CASE("p_values: Pearson's r") {
    for (const auto& [r, n, two_sided, greater] : of_r) {
        INFO("r " << r << " of " << n);
        CHECK(roi::neg_log10_p_of_r(r, n) == close(two_sided));
        CHECK(roi::neg_log10_p_of_r(-r, n) == close(two_sided));
        CHECK(roi::neg_log10_p_of_r(r, n, Alternative::greater) == close(greater));
        CHECK(roi::neg_log10_p_of_r(-r, n, Alternative::less) == close(greater));
        if (greater < 280.0) CHECK(-std::log10(roi::p_of_r(r, n, Alternative::greater)) == close(greater));
        CHECK(roi::neg_log10_p_of_z(roi::z_of_r(r, n), Alternative::greater) == close(greater));
    }
    CHECK(roi::p_of_r(0.8766065868231594, 5) == close(0.05105821917061277));
    CHECK(roi::neg_log10_p_of_r(0.8766065868231594, 5) == close(-std::log10(0.05105821917061277)));
    CHECK(roi::p_of_r(0.8766065868231594, 5, Alternative::less) == close(1.0 - 0.5 * 0.05105821917061277));
    CHECK(roi::z_of_r(-0.8766065868231594, 5) == close(-roi::z_of_p(0.5 * 0.05105821917061277)));
    CHECK(roi::p_of_r(1.0, 2) == 1.0);
    CHECK(roi::p_of_r(1.0, 2, Alternative::greater) == 1.0);
    CHECK(roi::neg_log10_p_of_r(-1.0, 2, Alternative::less) == 0.0);
    CHECK(roi::p_of_r(-1.0, 5) == 0.0);
    CHECK(roi::neg_log10_p_of_r(1.0, 5) == infinity);
    CHECK(std::isnan(roi::p_of_r(1.5, 5)));
    CHECK(std::isnan(roi::p_of_r(0.5, 1)));
}

TEST_CASE("p_values: the ends of the range") {
    CHECK(roi::neg_log10_p_of_t(0.0, 7) == 0.0);
    CHECK(!std::signbit(roi::neg_log10_p_of_t(0.0, 7)));
    CHECK(roi::neg_log10_p_of_t(infinity, 7) == infinity);
    CHECK(roi::neg_log10_p_of_t(-infinity, 7, Alternative::greater) == 0.0);
    CHECK(roi::neg_log10_p_of_f(0.0, 2, 9) == 0.0);
    CHECK(roi::neg_log10_p_of_f(infinity, 2, 9) == infinity);
    CHECK(roi::p_of_f(0.0, 2, 9) == 1.0);
    CHECK(roi::p_of_f(infinity, 2, 9) == 0.0);
    CHECK(roi::z_of_t(0.0, 7) == 0.0);
    CHECK(roi::z_of_t(-infinity, 7) == -infinity);
    CHECK(roi::z_of_f(0.0, 2, 9) == -infinity);
    for (const double nothing : {missing, 0.0, -1.0}) {
        CHECK(std::isnan(roi::neg_log10_p_of_t(1.0, nothing)));
        CHECK(std::isnan(roi::neg_log10_p_of_f(1.0, nothing, 9)));
        CHECK(std::isnan(roi::neg_log10_p_of_f(1.0, 2, nothing)));
        CHECK(std::isnan(roi::z_of_t(1.0, nothing)));
    }
    CHECK(std::isnan(roi::neg_log10_p_of_t(missing, 7)));
    CHECK(std::isnan(roi::z_of_p(1.5)));
    CHECK(roi::z_of_p(0.0) == infinity);
}

TEST_CASE("p_values: p of F for many voxels at once, as for one") {
    for (const double df1 : {1.0, 2.0, 3.0, 7.0, 7.5, 31.0, 32.0, 33.0, 150.0}) {
        for (const double df2 : {1.0, 2.0, 9.0, 208.0, 1443.0, 1e6, 1e16}) {
            std::vector<double> f{0.0, -1.0, infinity, missing};
            for (double value = 1e-12; value < 1e9; value *= 1.37) f.push_back(value);
            std::vector<double> p(f.size());
            const roi::detail::UpperF upper(df1, df2);
            upper(f.data(), p.data(), static_cast<std::int64_t>(f.size()));
            INFO("df " << df1 << ", " << df2);
            CHECK(std::isnan(p[3]));
            f[3] = 1.0;
            upper(f.data(), f.data(), 3);  // in place
            CHECK(f[0] == 1.0);
            CHECK(f[1] == 1.0);
            CHECK(f[2] == 0.0);
            double value = 1e-12;
            for (std::size_t i = 4; i < f.size(); ++i, value *= 1.37) {
                const double expected = roi::p_of_f(value, df1, df2);
                INFO("F " << value << ", p " << p[i] << ", alone " << expected << ", off by "
                          << (p[i] - expected) / expected);
                // A p that a double holds without all its digits is for -log10 p; of many degrees of freedom Boost loses
                // digits, see below.
                const double tolerance = df2 == 1e6 ? 5e-11 : 1e-12;
                CHECK(std::abs(p[i] - expected) <= tolerance * expected + 1e-290);
            }
        }
    }
}

TEST_CASE("p_values: p of F of many degrees of freedom, computed with 60 digits") {
    double p[] = {1.075, 1.47275};
    roi::detail::UpperF(32, 1e6)(p, p, 2);
    CHECK(p[0] == Approx(0.3535505234451383945).epsilon(1e-13));
    CHECK(p[1] == Approx(0.0413011611549985892).epsilon(1e-13));
}
