#include "protocol/records/batch_view.h"

#include "foundation/crypto/crc32c.h"

namespace highwater::records {

std::uint32_t BatchView::computed_crc() const { return crypto::crc32c(bytes_.subspan(header::attributes)); }

}  // namespace highwater::records
