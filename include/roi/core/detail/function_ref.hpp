// A view of something that can be called: a parameter of functions that need not be compiled again for each.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace roi::detail {

template <class Signature>
class FunctionRef;

/// Looks at a callable of somebody else, which must live as long; two pointers, where `std::function` owns a copy.
template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
public:
    template <class Callable>
    requires(!std::is_same_v<Callable, FunctionRef>)  //
        FunctionRef(const Callable& callable)
        : callable_(std::addressof(callable)), call_([](const void* of, Arguments... arguments) -> Result {
              return (*static_cast<const Callable*>(of))(std::forward<Arguments>(arguments)...);
          }) {}

    Result operator()(Arguments... arguments) const {
        return call_(callable_, std::forward<Arguments>(arguments)...);
    }

private:
    const void* callable_;
    Result (*call_)(const void*, Arguments...);
};

}  // namespace roi::detail
