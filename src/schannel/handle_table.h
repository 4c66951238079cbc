#pragma once
#include <openschannel/sspi.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

// Handles are a slot's index and its generation, never pointers: a stale, foreign or zeroed handle
// is an error code (contract HND-3). Chunks of slots are never freed, so looking one up needs no
// lock. See docs/decisions/0005.
namespace schannel::package {

/// Which part of an object a call works on. A gate is open to one call at a time.
enum class Gate : std::uint8_t { control, read, write };
inline constexpr std::size_t kGateCount = 3;

/// Distinguishes the tables in the handle itself, so that one kind is never taken for another.
enum class HandleKind : std::uint32_t { credential = 0x43524544, context = 0x43545854 };

enum class HandleState : std::uint8_t { live, deleted, unknown };

/// One slot's synchronisation. A gate's word is generation * 2, plus 1 while it is taken or the
/// slot is empty: entering is one compare-exchange, leaving one store. On the documented use (one
/// thread encrypts, one decrypts) nobody ever meets another at a gate.
class Slot {
 public:
  /// False when the slot does not hold `generation` (any more). Waits while another call is
  /// inside: one record, or one step of a handshake with what it looks up.
  bool enter(Gate gate, std::uint32_t generation);
  void leave(Gate gate, std::uint32_t generation) {
    word(gate).store(std::uint64_t{generation} << 1, std::memory_order_release);
  }
  bool enter_all(std::uint32_t generation);
  void leave_all(std::uint32_t generation);
  /// Owner of all gates, or of an empty slot.
  void open_for(std::uint32_t generation) { leave_all(generation); }
  void close_until(std::uint32_t next_generation);

  std::uint32_t current = 0;  ///< Generation. Changed only by the owner of all gates.

 private:
  struct alignas(64) Word {
    std::atomic<std::uint64_t> value = 1;  // generation 0, taken: an empty slot
  };
  std::atomic<std::uint64_t>& word(Gate gate) {
    return words_[static_cast<std::size_t>(gate)].value;
  }
  std::array<Word, kGateCount> words_;
};

/// Objects of one kind, owned, found by handle.
template <class T>
class HandleTable {
 public:
  explicit HandleTable(HandleKind kind) : kind_(kind) {}

  /// Holds one gate of an object, or nothing.
  class Entry {
   public:
    Entry() = default;
    Entry(T* object, Slot* slot, Gate gate, std::uint32_t generation)
        : object_(object), slot_(slot), gate_(gate), generation_(generation) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      if (slot_ != nullptr) slot_->leave(gate_, generation_);
    }
    explicit operator bool() const { return object_ != nullptr; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }

   private:
    T* object_ = nullptr;
    Slot* slot_ = nullptr;
    Gate gate_{};
    std::uint32_t generation_ = 0;
  };

  /// Holds all gates.
  class Whole {
   public:
    Whole() = default;
    Whole(T* object, Slot* slot, std::uint32_t generation)
        : object_(object), slot_(slot), generation_(generation) {}
    Whole(const Whole&) = delete;
    Whole& operator=(const Whole&) = delete;
    ~Whole() {
      if (slot_ != nullptr) slot_->leave_all(generation_);
    }
    explicit operator bool() const { return object_ != nullptr; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }

   private:
    T* object_ = nullptr;
    Slot* slot_ = nullptr;
    std::uint32_t generation_ = 0;
  };

  /// Takes the object in. Throws bad_alloc when the table is full.
  SecHandle insert(std::unique_ptr<T> object) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) grow();
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Cell& cell = *find_cell(index);
    cell.object = std::move(object);
    ++cell.slot.current;
    if (cell.slot.current == 0) cell.slot.current = 1;
    const std::uint32_t generation = cell.slot.current;
    cell.slot.open_for(generation);
    return {(static_cast<ULONG_PTR>(kind_) << 32) | (index + 1), generation};
  }

  Entry enter(const SecHandle* handle, Gate gate) {
    Cell* cell = cell_of(handle);
    const auto generation = cell == nullptr ? 0 : static_cast<std::uint32_t>(handle->dwUpper);
    if (cell == nullptr || !cell->slot.enter(gate, generation)) return {};
    return {cell->object.get(), &cell->slot, gate, generation};
  }

  Whole enter_all(const SecHandle* handle) {
    Cell* cell = cell_of(handle);
    const auto generation = cell == nullptr ? 0 : static_cast<std::uint32_t>(handle->dwUpper);
    if (cell == nullptr || !cell->slot.enter_all(generation)) return {};
    return {cell->object.get(), &cell->slot, generation};
  }

  /// Waits for calls in flight, then destroys the object. `deleted` when that was done before,
  /// `unknown` when the handle never was one of ours.
  HandleState erase(const SecHandle* handle) {
    Cell* cell = cell_of(handle);
    if (cell == nullptr) return HandleState::unknown;
    const auto generation = static_cast<std::uint32_t>(handle->dwUpper);
    if (!cell->slot.enter_all(generation)) {
      const std::lock_guard lock(mutex_);
      const bool was_issued = generation != 0 && generation <= cell->slot.current;
      return was_issued ? HandleState::deleted : HandleState::unknown;
    }
    const std::unique_ptr<T> object = std::move(cell->object);
    cell->slot.close_until(generation + 1);
    const std::lock_guard lock(mutex_);
    free_.push_back(static_cast<std::uint32_t>(handle->dwLower) - 1);
    return HandleState::live;
  }

 private:
  struct Cell {
    Slot slot;
    std::unique_ptr<T> object;
  };
  static constexpr std::uint32_t kCellsPerChunk = 256;
  static constexpr std::uint32_t kChunkCountMax = 16384;  // 4 million objects

  Cell* find_cell(std::uint32_t index) const {
    Cell* chunk = chunks_[index / kCellsPerChunk].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : &chunk[index % kCellsPerChunk];
  }

  /// Null unless the handle names a slot of this table.
  Cell* cell_of(const SecHandle* handle) const {
    if (handle == nullptr || handle->dwLower >> 32 != static_cast<ULONG_PTR>(kind_) ||
        handle->dwUpper == 0 || handle->dwUpper > 0xffffffff) {
      return nullptr;
    }
    const auto index = static_cast<std::uint32_t>(handle->dwLower) - 1;
    if (index >= kCellsPerChunk * kChunkCountMax) return nullptr;
    return find_cell(index);
  }

  void grow() {
    if (chunk_count_ == kChunkCountMax) throw std::bad_alloc();
    free_.reserve(free_.size() + kCellsPerChunk);
    chunks_[chunk_count_].store(new Cell[kCellsPerChunk], std::memory_order_release);
    const std::uint32_t first = chunk_count_++ * kCellsPerChunk;
    for (std::uint32_t i = kCellsPerChunk; i-- > 0;) free_.push_back(first + i);
  }

  HandleKind kind_;
  std::array<std::atomic<Cell*>, kChunkCountMax> chunks_{};
  std::mutex mutex_;  // guards what follows; never taken to look a handle up
  std::uint32_t chunk_count_ = 0;
  std::vector<std::uint32_t> free_;
};

}  // namespace schannel::package
