package io.github.gptmoe.spark;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Iterators made of others, one element at a time: a task that reads much holds little. */
final class Iterators {
    private Iterators() {}

    static <A, B> Iterator<B> map(Iterator<A> all, Function<A, B> change) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public B next() {
                return change.apply(all.next());
            }
        };
    }

    static <A, B> Iterator<B> flatMap(Iterator<A> all, Function<A, Iterator<B>> change) {
        return new Iterator<>() {
            private Iterator<B> current = Collections.emptyIterator();

            @Override
            public boolean hasNext() {
                while (!current.hasNext() && all.hasNext()) {
                    current = change.apply(all.next());
                }
                return current.hasNext();
            }

            @Override
            public B next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return current.next();
            }
        };
    }
}
