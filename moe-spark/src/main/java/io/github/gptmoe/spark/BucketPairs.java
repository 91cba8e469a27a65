package io.github.gptmoe.spark;

import io.github.gptmoe.data.dedup.PairReplay;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * The pairs of documents of each bucket, from rows (band, key, document) in this order: rows (band, key, later, earlier, leftOut), where a pair
 * leaves nothing out and a row of what was left out has no documents. Holds the last documents of one bucket.
 */
final class BucketPairs implements Iterator<Row> {
    private static final int NONE = -1;

    private final Iterator<Row> rows;
    private final Deque<Integer> earlier = new ArrayDeque<>();
    private final Deque<Row> ready = new ArrayDeque<>();
    private @Nullable Row bucket;
    private long size;

    BucketPairs(Iterator<Row> rows) {
        this.rows = rows;
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && rows.hasNext()) {
            take(rows.next());
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    private void take(Row row) {
        int band = row.getInt(0);
        int key = row.getInt(1);
        int document = row.getInt(2);
        Row last = bucket;
        if (last == null || last.getInt(0) != band || last.getInt(1) != key) {
            earlier.clear();
            size = 0;
        }
        bucket = row;
        for (int before : earlier) {
            ready.add(RowFactory.create(band, key, document, before, 0L));
        }
        long leftOut = size - earlier.size();
        if (leftOut > 0) {
            ready.add(RowFactory.create(band, key, NONE, NONE, leftOut));
        }
        size++;
        earlier.add(document);
        if (earlier.size() > PairReplay.MOST_EARLIER) {
            earlier.remove();
        }
    }
}
