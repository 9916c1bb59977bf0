// resources/openapi.yaml as it was at build time.
#pragma once

#include <string_view>

namespace live::control {

std::string_view openapiText();

}  // namespace live::control
