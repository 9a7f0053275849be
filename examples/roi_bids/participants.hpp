// The level of participants: every run of every subject, one subject a core.
#pragma once

#include "options.hpp"
#include "records.hpp"
#include "statuses.hpp"

namespace bids {

/// Works on all runs that are selected. A run that fails is reported, and stops nobody else.
/// \returns the status of the worst failure
[[nodiscard]] Status participants(const Options& options);

/// What would be done, on standard output.
[[nodiscard]] Status dry_run(const Options& options);

/// The subjects that are selected, of whom one or more has a run.
/// \throws NothingSelected when none has
[[nodiscard]] std::vector<Subject> selected_subjects(const Options& options);

/// Says which of the participants that were asked for are not there.
void warn_of_unknown(const Options& options, const Places& places, const std::vector<Subject>& subjects);

/// dataset_description.json of the output: written where it is not there or says something else. Links of other jobs stay.
void describe_output(const Options& options, const std::vector<DatasetLink>& links);

}  // namespace bids
