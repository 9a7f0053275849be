TEST_CASE("another case") {}
