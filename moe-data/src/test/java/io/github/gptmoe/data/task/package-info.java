/** Tests of tasks, with rows and tasks of their own. */
package io.github.gptmoe.data.task;
