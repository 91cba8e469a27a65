package io.github.gptmoe.train.checkpoint;

/** Moments of a save after which the disk has changed: where a crash makes a difference. */
enum SavePoint {
    FOLDER_CREATED,
    CHUNK_WRITTEN,
    FILE_SYNCED,
    MANIFEST_WRITTEN,
    MANIFEST_SYNCED,
    FOLDER_SYNCED,
    VERIFIED,
    OLD_MOVED_ASIDE,
    RENAMED,
    PARENT_SYNCED,
    MOVED_TO_TRASH,
    TRASH_FILE_DELETED
}
