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
    requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef>)  //
        FunctionRef(Callable&& callable)
        : callable_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* of, Arguments... arguments) -> Result {
              return (*static_cast<std::remove_reference_t<Callable>*>(of))(
                  std::forward<Arguments>(arguments)...);
          }) {}

    Result operator()(Arguments... arguments) const {
        return call_(callable_, std::forward<Arguments>(arguments)...);
    }

private:
    void* callable_;
    Result (*call_)(void*, Arguments...);
};

}  // namespace roi::detail
